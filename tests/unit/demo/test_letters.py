"""Reading the code off a letter."""

import pytest

from deploy.demo.letters import find_code


@pytest.mark.parametrize("printed", ["9QQN-GRXJ-W1AJ", "9QQN-GRXJ-W1A J", "9QQN-GR XJ-W1AJ"])
def test_a_code_is_read_also_where_kerning_parts_it(printed: str) -> None:
    text = f"Stockholms stad\nVår referens\n{printed}\nAli Fernández\n08-465 004 20"
    assert find_code(text) == "9QQN-GRXJ-W1AJ"


def test_a_letter_without_a_code_is_an_error() -> None:
    with pytest.raises(LookupError):
        find_code("Ring 08-465 004 20 eller 0771-123 456")
