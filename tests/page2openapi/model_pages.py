"""Pages of the two shipped models and of a new one, in the vendor's layout and our words."""

from __future__ import annotations

_HEAD = """\
Skip to main content
POST
/
{model}
/
async
curl --request POST \\
  --url https://api.modellix.ai/api/v1/{provider}/{model}/async \\
  --header 'Authorization: Bearer <token>' \\
  --header 'Content-Type: application/json' \\
  --data '{sample}'
{{
  "code": 0,
  "message": "success",
  "data": {{"status": "pending", "task_id": "task-1", "model_id": "{model}"}}
}}

Authorizations

Authorization
string
header
required

The key.

Body

application/json

"""

_PROMPT = """\
prompt
string
required

The picture in words

Required string length: 1 - 32000

"""

_OPTIONS = """\
size
enum<string>
default:1024x1024

Width and height

Available options:
1024x1024,
1536x1024,
1024x1536,
2048x2048,
2048x1152,
3840x2160,
2160x3840

quality
enum<string>
default:low

How much care is taken

Available options:
low,
medium,
high

"""

_IMAGES = """\
images
string[]
required

The pictures to start from

Required array length: 1 - 16 elements

Direct image URL (https only)

"""

_REPLY = """\
Response

Task submitted

code
integer
required

0 for success

message
string
required

For people

data
object
required

The task.
"""

GENERATE = (
    _HEAD.format(provider="openai", model="gpt-image-2", sample='{"prompt": "A heron"}') + _PROMPT + _OPTIONS + _REPLY
)
EDIT = (
    _HEAD.format(
        provider="openai",
        model="gpt-image-2-edit",
        sample='{"images": ["https://pictures.example/heron.png"], "prompt": "Two herons"}',
    )
    + _IMAGES
    + _PROMPT
    + _OPTIONS
    + _REPLY
)

_BRUSH_FIELDS = """\
prompt
string
required

What to paint: light, "mood" and {{ subject }} # in short

Required string length: 2 - 2000

ratio
enum<string>
default:4:3

Proportions

Available options:
4:3,
16:9,
on

seed
integer | null

The same number gives the same picture

Required range: 0 <= x <= 4294967295

strength
number
default:0.8

How far to go

Required range: 0 < x <= 1

tiles
integer[]

Which tiles

Required array length: 1 - 4 elements

draft
boolean
default:false

Less care

"""

BRUSH = (
    _HEAD.format(provider="studio-nord", model="brush-1.5-pro", sample='{"prompt": "A heron"}') + _BRUSH_FIELDS + _REPLY
)


def changed(text: str, old: str, new: str) -> str:
    """The page with one piece of text replaced."""
    assert text.count(old) == 1, f"{old!r} is there {text.count(old)} times"
    return text.replace(old, new)
