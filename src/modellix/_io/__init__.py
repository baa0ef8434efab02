"""What carries the rules out: connections, files, threads, one driver for each of the two clients."""
