"""The families of made-up models that make videos."""

from __future__ import annotations

from scripts.catalogue.fields import Draw
from scripts.catalogue.layout import Drawn
from scripts.catalogue.shared_fields import RATIOS, RESOLUTIONS, SECONDS, SWITCHES, mark, negative, seed


def video_from_text(draw: Draw) -> list[Drawn]:
    """A prompt, a whole number of seconds among some, and a resolution such as `720P`."""
    seconds = draw.choice("duration", "Seconds of video.", SECONDS)
    resolution = draw.choice("resolution", "Lines of the video.", RESOLUTIONS)
    mode = draw.choice("mode", "How much care is taken.", ["std", "pro", "fast", "master"])
    return [
        draw.prompt("What happens in the video."),
        *draw.maybe(negative(draw)),
        seconds,
        resolution,
        mode,
        *draw.maybe(draw.choice("aspect_ratio", "Width to height.", RATIOS), seed(draw)),
    ]


def video_between_frames(draw: Draw) -> list[Drawn]:
    """A first frame and a last one."""
    first = draw.url("first_frame", "The first picture of the video.", required=True)
    last = draw.url("last_frame", "The last picture of the video.")
    fps = draw.choice("fps", "Pictures a second.", [12, 16, 24, 25, 30, 60])
    return [
        first,
        last,
        draw.prompt("What happens in between.", required=False),
        draw.choice("resolution", "Lines of the video.", RESOLUTIONS),
        fps,
        *draw.maybe(seed(draw)),
    ]


def video_along_frames(draw: Draw) -> list[Drawn]:
    """A list of frames, each with its moment and its weight."""
    at = draw.number("at", "Its second in the video.", {"minimum": 0, "maximum": draw.one((5, 10, 15, 60))})
    weight = draw.number("weight", "How much it counts.", {"minimum": 0, "maximum": 1, "default": 1})
    image = draw.url("image", "The picture of the frame.", required=True)
    frames = draw.things(
        "frames", "Pictures that the video passes.", image, at, weight, most=(3, 4, 5, 8), required=True
    )
    return [
        frames,
        draw.prompt("What happens in the video."),
        draw.choice("duration", "Seconds of video.", SECONDS),
        *draw.maybe(mark(draw)),
    ]


def video_with_camera(draw: Draw) -> list[Drawn]:
    """A camera, whose moves are an object inside an object."""
    reach = draw.one((5, 10, 20))
    moves = [
        draw.number(name, f"How far to {name}.", {"minimum": -reach, "maximum": reach})
        for name in draw.some(["pan", "tilt", "roll", "zoom", "horizontal", "vertical"], 2)
    ]
    kind = draw.choice(
        "type",
        "A move that is ready made.",
        ["simple", "down_back", "forward_up", "right_turn", "left_turn"],
        required=True,
    )
    camera = draw.thing(
        "camera_control", "How the camera moves.", kind, draw.thing("config", "Moves of one's own.", *moves)
    )
    cfg = draw.number("cfg_scale", "How closely the prompt is followed.", {"minimum": 0, "maximum": 1, "default": 0.5})
    return [
        draw.prompt("What happens in the video."),
        camera,
        cfg,
        draw.choice("duration", "Seconds of video.", SECONDS),
    ]


def lip_sync(draw: Draw) -> list[Drawn]:
    """No prompt: a video and a voice."""
    volume = draw.number(
        "volume", "How loud the voice is.", {"minimum": 0, "exclusiveMaximum": draw.one((2, 5, 10)), "default": 1}
    )
    keep = draw.choice("original_sound", "Whether the old sound stays.", SWITCHES)
    return [
        draw.url("video_url", "The face that speaks.", required=True),
        draw.url("audio_url", "The voice.", required=True),
        volume,
        keep,
        *draw.maybe(seed(draw)),
    ]


def story(draw: Draw) -> list[Drawn]:
    """Several shots, each with its words and seconds."""
    seconds = draw.choice("seconds", "How long the shot is.", SECONDS)
    words = draw.prompt("What happens in the shot.")
    shots = draw.things("shots", "The shots in their order.", words, seconds, most=(2, 3, 4, 6), required=True)
    return [
        shots,
        draw.urls("reference_images", "Pictures of who takes part.", (3, 4, 7)),
        draw.choice("resolution", "Lines of the video.", RESOLUTIONS),
        *draw.maybe(seed(draw), mark(draw)),
    ]
