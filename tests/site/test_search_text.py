"""What the search of an embedded site reads of a page: its text, and not what stands on every page."""

from __future__ import annotations

from segkit.site.embedded.search import sections


def test_banner_status_and_footer_are_in_no_excerpt() -> None:
    page = (
        '<div class="sk-banner sk-real" role="note">Real data <b>banner</b></div><p class="sk-status"><span>9 units</span></p>'
        '<p>First words.</p><section id="a" class="level2"><h2>Part</h2><p>More.</p>'
        '<div class="sk-provenance">Made on a day</div></section>'
    )  # fmt: skip
    assert sections(page) == (("", "", "First words."), ("a", "Part", "More."))


def test_what_is_left_open_hides_no_more_than_itself() -> None:
    page = '<div class="sk-banner"><p>banner</div><p>Text <script>code</script>goes on.</p>'
    assert sections(page) == (("", "", "Text goes on."),)
