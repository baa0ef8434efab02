"""How the tests reach a target, and what they say of its answers."""
