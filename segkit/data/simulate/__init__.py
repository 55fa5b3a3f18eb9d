"""Made-up inputs with a known truth, for machines that have no real data and for tests of the whole way through."""
