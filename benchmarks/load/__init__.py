"""Load for benchmarks: a film of known rate, and a server written in C that plays it to many clients."""
