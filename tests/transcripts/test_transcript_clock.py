import pytest

from tonewise.transcripts.clock import parse_seconds


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (1.5, 1.5),
        (3, 3.0),
        ("2.880", 2.88),
        (" 7,25 ", 7.25),
        (".5", 0.5),
        ("-0.25", -0.25),
        ("1e-3", 0.001),
        ("01:02:03,004", 3723.004),
        ("0:0:0.570", 0.57),
        ("12:13.100", 733.1),
        ("100:00:00", 360_000.0),
        ("-00:00:01.5", -1.5),
    ],
)
def test_times(value: object, seconds: float) -> None:
    assert parse_seconds(value) == seconds


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        "",
        "abc",
        "nan",
        "inf",
        float("nan"),
        float("inf"),
        "1:2:3:4",
        "1:",
        ":1",
        "--1",
        10**400,
        "1e999",
        [],
    ],
)
def test_no_times(value: object) -> None:
    assert parse_seconds(value) is None
