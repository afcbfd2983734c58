import pytest
from hypothesis import given
from hypothesis import strategies as st

from accesscontrol.individual_numbers import check_digit as individual_number_check_digit
from registry import numbers

ELEVEN = st.text("0123456789", min_size=11, max_size=11)
TEN = st.text("0123456789", min_size=10, max_size=10)
FIVE = st.text("0123456789", min_size=5, max_size=5)


def test_published_individual_number_vector() -> None:
    assert individual_number_check_digit("12345678901") == "8"
    assert numbers.is_individual_number("123456789018")


@pytest.mark.parametrize(("body", "check"), [("1234567890", "3"), ("0987654321", "1")])
def test_resident_code_vectors(body: str, check: str) -> None:
    assert numbers.resident_code_check_digit(body) == check
    assert numbers.is_resident_code(body + check)


def test_municipality_code_vector_in_both_forms() -> None:
    assert numbers.municipality_check_digit("13101") == "6"
    assert numbers.is_municipality_code("131016")
    assert not numbers.is_municipality_code("131017")
    assert numbers.is_municipality_code("13101", digits=5)
    assert not numbers.is_municipality_code("131016", digits=5)


def formula(body: str) -> int:
    """The rule as the ordinance words it: digits numbered from the right."""
    total = 0
    for n, digit in enumerate(reversed(body), start=1):
        total += int(digit) * (n + 1 if n <= 6 else n - 5)
    return total % 11


@given(ELEVEN)
def test_individual_number_weights_agree_with_the_formula_counted_from_the_right(body: str) -> None:
    r = formula(body)
    assert individual_number_check_digit(body) == str(0 if r <= 1 else 11 - r)


@given(TEN)
def test_resident_code_weights_agree_with_the_formula_and_remainder_0_is_a_setting(body: str) -> None:
    r = formula(body)
    assert numbers.resident_code_check_digit(body, for_remainder_0="1") == str(1 if r == 0 else 0 if r == 1 else 11 - r)
    assert numbers.resident_code_check_digit(body) == str(0 if r <= 1 else 11 - r)


@given(ELEVEN, st.integers(0, 10), st.integers(1, 9))
def test_a_changed_digit_of_an_individual_number_is_found_unless_both_sides_round_to_0(
    body: str, at: int, step: int
) -> None:
    changed = body[:at] + str((int(body[at]) + step) % 10) + body[at + 1 :]
    check = individual_number_check_digit(body)
    both_round_to_0 = formula(body) <= 1 and formula(changed) <= 1
    assert numbers.is_individual_number(body + check)
    assert numbers.is_individual_number(changed + check) is both_round_to_0


@given(ELEVEN, st.sampled_from("0123456789"))
def test_a_number_is_judged_as_the_masking_of_texts_judges_it(body: str, last: str) -> None:
    assert numbers.is_individual_number(body + last) is (individual_number_check_digit(body) == last)


@given(FIVE)
def test_exactly_one_check_digit_fits_a_municipality_code(body: str) -> None:
    assert sum(numbers.is_municipality_code(body + digit) for digit in "0123456789") == 1


@given(st.text(max_size=14))
def test_any_text_is_judged_without_an_exception(text: str) -> None:
    numbers.is_individual_number(text)
    numbers.is_resident_code(text)
    numbers.is_municipality_code(text)
    numbers.is_residence_card_number(text)


@pytest.mark.parametrize("text", ["１２３４５６７８９０１８", "12345678901٨", "12345678901８", "12345678901 ", ""])
def test_digits_of_other_scripts_and_odd_lengths_are_not_numbers(text: str) -> None:
    assert not numbers.is_individual_number(text)


@pytest.mark.parametrize("body", ["", "1234", "123456789x", "１２３４５６７８９０"])
def test_a_check_digit_is_refused_for_what_is_not_a_body_and_the_error_does_not_repeat_it(body: str) -> None:
    with pytest.raises(ValueError, match="a body of 10 digits is needed") as error:
        numbers.resident_code_check_digit(body)
    assert not body or body not in str(error.value)


@pytest.mark.parametrize("text", ["XX12345678XX", "AB00000000YZ"])
def test_a_residence_card_number_is_two_capitals_eight_digits_two_capitals(text: str) -> None:
    assert numbers.is_residence_card_number(text)


@pytest.mark.parametrize("text", ["xX12345678XX", "X12345678XX", "XX12345678XX\n", "XX1234567８XX"])
def test_anything_else_is_not_a_residence_card_number(text: str) -> None:
    assert not numbers.is_residence_card_number(text)


RULES = [numbers.INDIVIDUAL_NUMBER, *numbers.RESIDENT_CODE.values(), numbers.MUNICIPALITY_CODE]
DIGITS = st.text("0123456789", min_size=5, max_size=13)


@given(st.sampled_from(RULES), st.lists(DIGITS | st.text(max_size=12), max_size=5), st.lists(DIGITS, max_size=70))
def test_many_numbers_fit_together_exactly_when_each_of_them_fits(
    rule: numbers.CheckDigit, strange: list[str], bodies: list[str]
) -> None:
    size = 5 if rule is numbers.MUNICIPALITY_CODE else 11 if rule is numbers.INDIVIDUAL_NUMBER else 10
    right = [body[:size] + rule.check_digit(body[:size]) for body in bodies if len(body) >= size]
    assert rule.fits_all(right)
    mixed = [*right, *strange]
    assert rule.fits_all(mixed) == all(map(rule.fits, mixed))
