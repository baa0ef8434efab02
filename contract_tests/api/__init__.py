"""The tests of the API: what goes over the wire to the target, and what comes back."""
