"""Reading and waiting: on a clock turned by hand wherever possible, on real sockets where threads and signals count."""
