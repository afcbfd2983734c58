import re
from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import registry

HERE = Path(registry.__file__).parent
CATALOGUE = HERE.parent / "console/locales/ja/LC_MESSAGES/registry.po"


def test_every_message_has_a_japanese_text_with_the_same_placeholders() -> None:
    marked = {message for _, _, message, *_ in extract_from_dir(HERE, [("**.py", "python")], keywords={"N_": None})}
    assert len(marked) > 50
    with CATALOGUE.open("rb") as lines:
        texts = {str(message.id): str(message.string) for message in read_po(lines) if message.id}
    assert set(texts) == marked
    for message, text in texts.items():
        assert text
        assert sorted(re.findall(r"{\w+}", message)) == sorted(re.findall(r"{\w+}", text)), message
