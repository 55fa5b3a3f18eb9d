"""The studies: each declares its data and features, assembles the engine's evidence, and writes results.json."""
