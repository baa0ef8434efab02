"""Three made-up models of different families, each from its page's sample to a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import modellix_client.models
from contract_tests.model.document import contract
from modellix import Modellix, PollPolicy
from modellix._openapi import component_of
from modellix.testing import StandIn
from scripts.catalogue.families import edit_of_several, image_by_size, upscale
from scripts.catalogue.models import Model
from scripts.demo import Row, make, print_rows

SHOWN: Final = (image_by_size, edit_of_several, upscale)  # words alone, with pictures, without a prompt


def demo(models: Sequence[Model], folder: Path) -> int:
    """Prints a row for each picture. 0 when all are on disk, and the server counted one submission for each."""
    stand_in = StandIn()
    poll = PollPolicy(first=0.1, longest=0.5)
    with stand_in.serve() as url, Modellix("test-key", base_url=url, poll=poll) as client:
        print_rows(_rows(client, models, folder))
    print(f"{len(stand_in.submissions)} submissions for {len(SHOWN)} pictures")
    return 0 if len(stand_in.submissions) == len(SHOWN) else 1


def _rows(client: Modellix, models: Sequence[Model], folder: Path) -> Iterator[Row]:
    for family in SHOWN:
        model = next(one for one in models if one.family == family.__name__)
        request = request_of(model)
        row, _ = make(client, lambda request=request: client.submit(request), "as sampled", folder)  # type: ignore[misc]
        yield row


def request_of(model: Model) -> Any:
    """The page's sample as a request of the generated client."""
    operation = next(one for one in contract().submissions if one.path == model.path)
    name = component_of(contract().body_schema(operation)["$ref"])
    return getattr(modellix_client.models, name).from_dict(model.sample)
