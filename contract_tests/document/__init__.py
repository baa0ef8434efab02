"""The tests of the document, and of what the model derives from it."""
