"""What studies of events share: whatever follows from who did what when, and how much of it."""
