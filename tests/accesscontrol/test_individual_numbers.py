"""The individual number: its check digit, and its removal from text."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accesscontrol.individual_numbers import check_digit, is_individual_number, mask_individual_numbers

bodies = st.text("0123456789", min_size=11, max_size=11)
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


def test_the_check_digit_follows_the_ordinance() -> None:
    assert check_digit("12345678901") == "8"
    assert check_digit("00000000000") == "0"


@pytest.mark.parametrize("body", ["", "1234567890", "123456789012", "1234567890a", "1234 567890"])
def test_a_body_that_is_not_eleven_digits_is_an_error(body: str) -> None:
    with pytest.raises(ValueError, match="eleven digits"):
        check_digit(body)


@given(bodies)
def test_exactly_one_last_digit_makes_a_number(body: str) -> None:
    assert [digit for digit in "0123456789" if is_individual_number(body + digit)] == [check_digit(body)]


@given(body=bodies, separator=st.sampled_from(["", " ", "-", "\u3000", "－", "‐", "−", "ー"]), wide=st.booleans())
def test_a_number_is_masked_however_it_is_written(body: str, separator: str, *, wide: bool) -> None:
    digits = body + check_digit(body)
    number = separator.join((digits[:4], digits[4:8], digits[8:]))
    written = number.translate(FULL_WIDTH) if wide else number
    masked = mask_individual_numbers(f"個人番号{written}の件")
    assert masked == "個人番号" + separator.join(["****"] * 3) + "の件"


def test_a_number_glued_to_letters_is_still_found() -> None:
    assert mask_individual_numbers("no=ID123456789018x") == "no=ID************x"


def test_every_number_of_a_text_is_masked() -> None:
    assert mask_individual_numbers("123456789018,123456789018") == "************,************"


def test_a_number_after_a_group_that_is_no_part_of_it_is_masked() -> None:
    assert mask_individual_numbers("1112 1234 5678 9018") == "1112 **** **** ****"


@pytest.mark.parametrize(
    "text",
    [
        "123456789012",  # wrong check digit
        "1234567890180",  # thirteen digits
        "2026-11-24T05:59:15.000000+00:00",
        "0d5c123456789018" + "ab" * 24,  # a digest
        "5f0c2a1e-1234-4123-8123-123456789018",  # a UUID
    ],
)
def test_what_is_no_individual_number_stays(text: str) -> None:
    assert mask_individual_numbers(text) == text


@given(st.text(), bodies, st.text())
def test_no_number_survives_between_any_two_texts(before: str, body: str, after: str) -> None:
    number = body + check_digit(body)
    masked = mask_individual_numbers(f"{before} {number} {after}")
    assert not any(number == run for run in re.findall(r"\d+", masked))
