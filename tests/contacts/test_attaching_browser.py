"""Files for a comment, as a browser attaches them: dropped, pasted, chosen, left out again."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from playwright.sync_api import Page, expect
from uuid_utils.compat import uuid7

from contacts.models import Comment
from tests.barriers import barriers_anywhere
from tests.builders import make_contact, make_user

pytestmark = pytest.mark.django_db(transaction=True)
# What the browser's own drag and clipboard do with files.
HAND_OVER = """([type, at, names]) => {
    const data = new DataTransfer();
    for (const name of names) data.items.add(new File(["content"], name));
    const options = { bubbles: true, cancelable: true };
    const event = type === "paste"
        ? new ClipboardEvent(type, { ...options, clipboardData: data })
        : new DragEvent(type, { ...options, dataTransfer: data });
    document.querySelector(at).dispatchEvent(event);
    return event.defaultPrevented;
}"""


def test_files_dropped_pasted_and_chosen_go_with_the_comment(page: Page, sign_in, settings) -> None:
    settings.COMMENT_MAX_FILE_BYTES = 100
    sign_in(page, make_user(name="Mia"))
    page.goto(make_contact().get_absolute_url())
    composer = page.locator("#composer")
    files = composer.get_by_role("list", name="Attached files")
    assert page.evaluate(HAND_OVER, ["dragover", "h1", ["plan.pdf"]])
    expect(composer).to_have_attribute("data-drop", "")
    assert page.evaluate(HAND_OVER, ["drop", "h1", ["plan.pdf"]])  # beside the composer
    expect(composer).not_to_have_attribute("data-drop", "")
    assert page.evaluate(HAND_OVER, ["paste", "#comment", ["image.png"]])
    composer.get_by_label("Attach files").set_input_files(
        [
            {"name": "list.txt", "mimeType": "text/plain", "buffer": b"a, b"},
            {"name": "huge.bin", "mimeType": "", "buffer": b"x" * 101},
        ]
    )
    expect(page.get_by_role("alert")).to_contain_text(
        "“huge.bin” is too large: a file can have 100\xa0bytes."
    )
    expect(files.get_by_role("listitem")).to_have_text(["plan.pdf", "image.png", "list.txt"])
    files.get_by_role("button", name="Leave out plan.pdf").click()
    expect(files.get_by_role("button", name="Leave out image.png")).to_be_focused()
    settings.COMMENT_MAX_FILES = 1
    page.get_by_label("Comment, visible").fill("See these")
    page.get_by_role("button", name="Add comment").click()
    expect(composer).to_contain_text("2 files are too many; at most 1 can go together.")
    expect(files.get_by_role("listitem")).to_have_count(2)  # what was refused is not lost
    settings.COMMENT_MAX_FILES = 2
    page.get_by_role("button", name="Add comment").click()
    row = page.get_by_role("article").filter(has_text="See these")
    expect(row.get_by_role("link", name="list.txt")).to_be_visible()
    expect(files.get_by_role("listitem")).to_have_count(0)
    assert [kept.name for kept in Comment.objects.get().files] == ["image.png", "list.txt"]


def test_a_text_copied_with_its_picture_is_pasted_as_text(page: Page, sign_in) -> None:
    sign_in(page, make_user(name="Mia"))
    page.goto(make_contact().get_absolute_url())
    script = """() => {
        const data = new DataTransfer();
        data.setData("text/plain", "words");
        data.items.add(new File(["content"], "image.png"));
        const options = { bubbles: true, cancelable: true, clipboardData: data };
        const event = new ClipboardEvent("paste", options);
        document.querySelector("#comment").dispatchEvent(event);
        return event.defaultPrevented;
    }"""
    assert not page.evaluate(script)


def test_a_comment_is_pinned_and_unpinned_by_keyboard(page: Page, sign_in) -> None:
    mia, amara = make_user(name="Mia"), make_contact()
    sign_in(page, mia)
    image = SimpleUploadedFile("desk.png", b"\x89PNG\r\n\x1a\n....")
    with transaction.atomic():
        Comment.add(amara, author=mia, body="Call back", pk=uuid7(), files=[image])
    page.goto(amara.get_absolute_url())
    row = page.locator(".ev").filter(has_text="Call back")
    button = row.get_by_role("button", name="Pin", exact=True)
    button.focus()
    page.keyboard.press("Enter")
    pinned = page.get_by_role("region", name="Pinned")
    expect(pinned).to_contain_text("Call back")
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(button).to_be_focused()
    assert not barriers_anywhere(page)
    pinned.get_by_role("button", name="Unpin: Comment by").press("Enter")
    expect(pinned).to_have_count(0)
    expect(button).to_have_attribute("aria-pressed", "false")
    page.get_by_role("button", name="Undo").click()
    expect(pinned).to_contain_text("Call back")
