"""Run inside the empty environment of `nox -s wheel`: does the installed wheel alone carry both packages and work?"""

import importlib.metadata

import modellix
import modellix_client.operations

document = modellix_client.operations.document()
client = modellix.Modellix("test-key")
installed = importlib.metadata.version("modellix-client")
if installed != modellix.__version__:
    raise SystemExit(f"the wheel says {installed}, the package {modellix.__version__}")
print(f"modellix-client {installed}: {client}, {len(document['paths'])} operations, {modellix.__file__}")
