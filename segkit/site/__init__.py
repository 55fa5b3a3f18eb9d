"""The site: choice of the engine, the embedded renderer, and the checks of what was built."""
