"""Faults of the network and of the service, against real sockets on loopback."""
