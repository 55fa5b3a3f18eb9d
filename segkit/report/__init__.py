"""What a page shows: numbers as text, tables, figures and sentences, all made from result objects."""
