"""One module per kind of input: a table of events goes in, a FeatureTable comes out."""
