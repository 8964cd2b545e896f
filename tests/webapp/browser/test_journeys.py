"""What people do: search, choose, read, come back; with a keyboard, an input method, or no JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
Open = Callable[..., Any]


@pytest.fixture
def suggesting(open_page: Open) -> Callable[[], tuple[Any, list[str]]]:
    """The home page, and the list of prefixes that it has asked suggestions for."""

    def open() -> tuple[Any, list[str]]:
        page, asked = open_page("/"), []

        def note(request: Any) -> None:
            address = urlsplit(request.url)
            if address.path == "/api/v1/suggest":
                asked.append(parse_qs(address.query)["q"][0])

        page.on("request", note)
        return page, asked

    return open


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no javascript"])
def test_either_script_finds_the_other(open_page: Open, javascript: bool) -> None:
    """Two interactions after the home page, the words are marked in the document's own script."""
    page = open_page("/", java_script_enabled=javascript)
    for query, marked in (("软件园", "軟件園"), ("軟件園", "软件园")):
        page.get_by_label("搜索全文").fill(query)
        page.get_by_role("button", name="搜索").click()
        page.wait_for_url(lambda url, query=query: parse_qs(urlsplit(url).query).get("q") == [query])
        assert page.locator("article mark", has_text=marked).count()
        assert "条结果" in page.locator(".count").inner_text()


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no javascript"])
def test_the_whole_way_and_back(open_page: Open, javascript: bool) -> None:
    """Example, next page, document, and back again lead where they say, without JavaScript too."""
    page = open_page("/", java_script_enabled=javascript)
    page.locator(".examples a").first.click()
    page.get_by_role("searchbox").or_(page.get_by_role("combobox", name="搜索全文")).fill("软件园")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=*")
    page.get_by_role("link", name="下一页").click()
    # A page that is not loaded cannot be gone back from: Chromium calls it not active.
    page.wait_for_url("**page=2")
    page.go_back()
    first = page.locator("article h2 a").first
    title = first.inner_text()
    first.click()
    page.wait_for_url("**/document/**")
    assert page.locator("h1").inner_text() == title
    page.go_back()
    page.go_forward()
    assert page.locator("h1").inner_text() == title


def test_addresses_hold_no_defaults(open_page: Open) -> None:
    """Empty fields and defaults stay out of the address."""
    page = open_page("/")
    page.get_by_label("搜索全文").fill("软件园")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search*")
    assert parse_qs(urlsplit(page.url).query) == {"q": ["软件园"]}


def test_filters_work(open_page: Open) -> None:
    """The form's filters narrow the result and can be taken back."""
    page = open_page("/search?q=软件园")
    page.get_by_text("筛选与排序").click()
    page.get_by_label("起始日期").fill("2020-01-01")
    page.get_by_role("button", name="搜索").click()
    page.wait_for_url("**from=2020-01-01*")
    dates = page.locator("article time").evaluate_all("all => all.map(time => time.dateTime)")
    assert dates and all(date >= "2020" for date in dates)
    page.locator(".active a").click()
    page.wait_for_url(lambda url: "from=" not in url)


def test_reversed_dates_can_be_put_right(open_page: Open) -> None:
    """What was typed is still there, open to be changed, with the reason beside it."""
    page = open_page("/search?q=软件园")
    page.get_by_text("筛选与排序").click()
    page.get_by_label("起始日期").fill("2020-01-01")
    page.get_by_label("截止日期").fill("2015-01-01")
    page.get_by_role("button", name="搜索").click()
    page.wait_for_url("**to=2015-01-01*")
    assert "起始日期 2020-01-01 晚于截止日期 2015-01-01" in page.locator(".notice").inner_text()
    page.get_by_label("截止日期").fill("2021-01-01")
    assert page.get_by_label("起始日期").input_value() == "2020-01-01"
    page.get_by_role("button", name="搜索").click()
    page.wait_for_url("**to=2021-01-01*")
    assert page.locator(".notice").count() == 0 and page.locator("article time").count()


def test_an_overlong_query_can_be_shortened(open_page: Open) -> None:
    """What was pasted comes back whole with what is wrong, and is searched once it is short enough."""
    page = open_page("/")
    pasted = "软件园" * 100
    page.get_by_label("搜索全文").fill(pasted)
    page.keyboard.press("Enter")
    page.wait_for_url("**/search*")
    assert "最多 256 个字符，这里有 300 个" in page.locator("main").inner_text()
    assert page.locator("#q").input_value() == pasted
    page.locator("#q").fill(pasted[:3])
    page.keyboard.press("Enter")
    page.locator("article mark").first.wait_for()


def test_zero_results_offer_ways_on(open_page: Open) -> None:
    """Nothing found repeats the query, and its example does find something."""
    page = open_page("/search?q=%22量子烤箱%22")
    assert "量子烤箱" in page.locator(".count").inner_text()
    page.locator(".zero li", has_text="看一个能找到结果的例子").locator("a").first.click()
    assert page.locator("article mark").count()


def test_a_correction_is_searched_and_can_be_refused(open_page: Open) -> None:
    """Where nothing holds what was typed, its likely meaning is shown, and one link insists on the typed."""
    typed, meant = "ruanjianyuan", "软件园"
    page = open_page(f"/search?q={typed}&script=hant")
    assert f"“{meant}”" in page.locator(".notice").inner_text()
    assert page.locator("article mark", has_text="軟件園").count()
    page.get_by_role("link", name=f"仍然搜索：{typed}").click()
    assert page.locator(".count").inner_text() == f"没有找到：{typed}"
    page.locator(".zero").get_by_role("link", name=meant).first.click()
    assert page.locator("article mark").count()


def test_suggestions_by_keyboard(suggesting: Callable[[], tuple[Any, list[str]]]) -> None:
    """Arrows walk the list, Escape brings back what was typed, Enter searches the chosen one."""
    page, _ = suggesting()
    box = page.get_by_role("combobox", name="搜索全文")
    box.press_sequentially("ruan")
    page.get_by_role("option").first.wait_for()
    found = page.locator("#suggestions li").all_inner_texts()
    assert found[0] == "软件园" and box.get_attribute("aria-expanded") == "true"
    page.keyboard.press("ArrowDown")
    assert box.input_value() == "软件园"
    active = box.get_attribute("aria-activedescendant")
    assert page.locator(f"#{active}").get_attribute("aria-selected") == "true"
    page.keyboard.press("Escape")
    assert box.input_value() == "ruan" and box.get_attribute("aria-expanded") == "false"
    page.keyboard.press("ArrowDown")
    page.get_by_role("option").first.wait_for()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search*")
    assert parse_qs(urlsplit(page.url).query)["q"] == [found[-1]]


def test_suggestions_by_mouse(suggesting: Callable[[], tuple[Any, list[str]]]) -> None:
    """What is typed in one script is continued in the other; a click on a suggestion searches it."""
    page, _ = suggesting()
    page.get_by_role("combobox", name="搜索全文").press_sequentially("軟件")
    page.get_by_role("option", name="軟件園", exact=True).click()
    page.wait_for_url("**/search*")
    assert page.locator("article mark").count()


def test_input_method(suggesting: Callable[[], tuple[Any, list[str]]]) -> None:
    """While an input method composes nothing is asked and Enter submits nothing; afterwards both work."""
    page, asked = suggesting()
    box = page.get_by_role("combobox", name="搜索全文")
    box.focus()
    device = page.context.new_cdp_session(page)
    for text in ("r", "ruan", "ruan jian"):
        device.send("Input.imeSetComposition", {"text": text, "selectionStart": 0, "selectionEnd": len(text)})
    page.wait_for_timeout(300)
    assert asked == []
    # Safari sends the Enter that ends a composition as keyCode 229
    page.evaluate(
        """() => { const box = document.getElementById("q");
        const enter = {key: "Enter", keyCode: 229, bubbles: true, cancelable: true, isComposing: true};
        window.entered = box.dispatchEvent(new KeyboardEvent("keydown", enter)); box.form.requestSubmit() }"""
    )
    assert page.evaluate("window.entered") is False and urlsplit(page.url).path == "/"
    device.send("Input.insertText", {"text": "软件"})
    page.get_by_role("option", name="软件园", exact=True).wait_for()
    assert asked == ["软件"]
    page.keyboard.press("Enter")
    page.wait_for_url("**/search*")


def test_keyboard_alone(open_page: Open) -> None:
    """“/” reaches the box; Tab reaches the first result; the skip link comes first."""
    page = open_page("/search?q=软件园")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.type("/")
    assert page.locator("#q").input_value() == "/"
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('article h2 a')"):
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/document/**")


def test_the_shortcut_can_be_switched_off(open_page: Open) -> None:
    """The help page has a switch for the only key without a modifier."""
    page = open_page("/help")
    page.get_by_role("checkbox").check()
    page.goto("/search?q=软件园")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") != "q"


def test_jumping_from_mark_to_mark(open_page: Open) -> None:
    """The buttons walk the marks round and round, each in view, and say where one is."""
    page = open_page("/document/taiwan.txt?q=软件园", viewport={"width": 800, "height": 500})
    total = page.locator(".text mark").count()
    following = page.get_by_role("button", name="下一处")
    following.click()
    assert page.locator("output").inner_text() == f"1 / {total}"
    page.get_by_role("button", name="上一处").click()
    assert page.locator("output").inner_text() == f"{total} / {total}"
    sync_api.expect(page.locator("mark.current")).to_be_in_viewport()
    following.click()
    assert page.locator("mark.current").count() == 1


def test_marks_are_links_without_javascript(open_page: Open) -> None:
    """Without JavaScript, numbered links lead to the marks."""
    page = open_page("/document/taiwan.txt?q=软件园", java_script_enabled=False)
    page.get_by_role("link", name="跳到第 3 处标记").click()
    assert page.url.endswith("#m3") and page.locator("#m3").is_visible()


def test_stored_markup_does_not_run(open_page: Open) -> None:
    """A script in a document is text."""
    page = open_page("/document/taiwan.txt")
    assert page.title() != "broken" and "<script>" in page.locator(".text").inner_text()


def test_original_beside_repaired(open_page: Open) -> None:
    """The reader of a repaired document can see what was found."""
    page = open_page("/document/damaged.txt")
    page.get_by_role("link", name="对照修复前").click()
    page.locator(".before del", has_text="(chuàng)").first.wait_for()
    assert "chuàng" not in "".join(page.locator(".after").all_inner_texts())
    page.locator(".before .why").first.click()
    assert "网站给整张字表逐字加了读音" in page.locator("#why-pinyin").inner_text()


def test_display_script(open_page: Open) -> None:
    """简体 shows a Traditional document in Simplified, marks and all, and the address keeps the choice."""
    page = open_page("/document/taiwan.txt?q=軟件園")
    marks = page.locator(".text mark").count()
    page.get_by_role("link", name="简体").first.click()
    page.wait_for_url("**script=hans*")
    assert set(page.locator(".text mark").all_inner_texts()) == {"软件园"}
    assert page.locator(".text mark").count() == marks
    assert page.locator(".text").get_attribute("lang") == "zh-Hans"


def test_interface_language(open_page: Open) -> None:
    """The language of the interface is chosen at the foot and stays."""
    page = open_page("/search?q=软件园")
    page.get_by_role("link", name="English").click()
    assert "results" in page.locator(".count").inner_text()
    page.get_by_label("Search the full text").fill("园区")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=%E5%9B%AD%E5%8C%BA&hl=en")
    assert page.locator("html").get_attribute("lang") == "en"


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no javascript"])
def test_browsing_by_time_and_value(open_page: Open, javascript: bool) -> None:
    """From what the archive holds to a year, to an author chosen among all, and back by the chips."""
    page = open_page("/", java_script_enabled=javascript)
    page.locator(".facts a").click()
    page.wait_for_url("**/search")
    page.locator(".facets a", has_text="2020 年").click()
    page.wait_for_url("**from=2020-01-01*")
    assert page.locator("article").count() == 1 and page.locator(".active li").count() == 1
    assert page.locator(".when .chosen").count() == 1 and page.locator(".when rect").count() > 5
    page.goto("/facets?facet=author&q=软件园")
    page.get_by_label("周小雨").check()
    page.get_by_role("button", name="按所选筛选").click()
    page.wait_for_url("**author=*")
    page.locator(".active a").click()
    page.wait_for_url(lambda url: "author=" not in url)


def test_a_concordance_leads_to_its_place_and_back(open_page: Open) -> None:
    """From hits to lines, in another order, to the place in the document, which is marked."""
    page = open_page("/search?q=软件园&author=周小雨")
    page.get_by_role("link", name="用例").click()
    page.get_by_label("排序").first.wait_for(state="attached")
    page.locator(".order").get_by_label("排序").select_option("left")
    page.get_by_role("button", name="排列").click()
    page.wait_for_url("**sort=left*")
    assert page.locator(".kwic tbody tr").count() == 12
    page.locator(".kwic a").first.click()
    page.wait_for_url("**#m1")
    assert page.locator("#m1").inner_text() == "软件园"
