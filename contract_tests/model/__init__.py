"""What the document promises, as data: promises, cases, samples, planned submissions. Nothing here sends."""
