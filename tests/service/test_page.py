"""A person at the page, in Debian's Chromium (packages chromium and chromium-driver)."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.groq_server import DONE, KEY, LAST, GroqServer, Script, chunk, failing, groq_server, saying
from support.serving import RunningService, running

from knowligo_index.build import build
from knowligo_index.settings import Settings

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")

pytestmark = pytest.mark.skipif(
    CHROMIUM is None or DRIVER is None, reason="needs the commands chromium and chromedriver"
)

QUESTION = "¿Qué incluye el plan profesional?"

CODE = f"```\nimpresora{' de red' * 15}\n\n\nclave\n```"

# Three passages of one document, the second of which is text that a careless page would obey.
LONG = (
    "# Gatos\n\n## Sol\n\n" + "El gato duerme al sol. " * 18 + "\n\n## Leche\n\n<img src=x onerror=alert(1)> "
    "<b>La leche</b> es del gato. "
    + "El gato y la leche. " * 18
    + "\n\n## Viernes\n\n"
    + "El viernes el gato sol. " * 18
)


@pytest.fixture(scope="module")
def groq() -> Iterator[GroqServer]:
    with groq_server() as server:
        yield server


@pytest.fixture
def service(settings: Settings, groq: GroqServer) -> Iterator[RunningService]:
    (settings.knowledge / "gatos.md").write_text(LONG, encoding="utf-8")
    (settings.knowledge / "impresora.md").write_text(f"# Impresora\n\n{CODE}\n", encoding="utf-8")
    build(settings)
    with running(settings.index, "--answer-url", groq.url, environment={"GROQ_API_KEY": KEY}) as started:
        yield started


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Opens browsers of a language and a width."""
    from selenium.webdriver import Chrome, ChromeOptions, ChromeService

    opened: list[Chrome] = []

    def open_browser(language: str = "es-AR", width: int = 1000) -> Chrome:
        options = ChromeOptions()
        options.binary_location = CHROMIUM or ""
        for argument in (
            "--headless=new",
            # As root, and with the little shared memory of a container.
            "--no-sandbox",
            "--disable-dev-shm-usage",
            f"--lang={language}",
            f"--accept-lang={language}",
            f"--user-data-dir={tmp_path / f'profile-{len(opened)}'}",
        ):
            options.add_argument(argument)
        options.add_experimental_option("prefs", {"intl.accept_languages": language})
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        driver = Chrome(options, ChromeService(DRIVER, env={**os.environ, "LANGUAGE": language}))
        opened.append(driver)
        # A window cannot be as narrow as a phone, but what is shown in it can.
        driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600},
        )
        return driver

    yield open_browser
    for driver in opened:
        driver.quit()


def wait(driver: Any, found: Callable[[], object]) -> None:
    from selenium.webdriver.support.wait import WebDriverWait

    WebDriverWait(driver, 10, 0.05).until(lambda _: found())


def one(driver: Any, selector: str) -> Any:
    return driver.find_element("css selector", selector)


def texts(driver: Any, selector: str) -> list[str]:
    return [each.text for each in driver.find_elements("css selector", selector)]


def press(driver: Any, *keys: str) -> None:
    """Keys without a mouse, whatever has the focus."""
    from selenium.webdriver.common.action_chains import ActionChains

    ActionChains(driver).send_keys(*keys).perform()


def keep_picture(driver: Any, name: str) -> None:
    """For a person to look at, where PICTURES names a folder."""
    if folder := os.environ.get("PICTURES"):
        driver.save_screenshot(str(Path(folder) / f"{name}.png"))


def check_console(driver: Any) -> None:
    """Nothing was refused by the policy, nothing failed."""
    assert [entry["message"] for entry in driver.get_log("browser")] == []


def test_a_person_asks_and_follows_a_hit_by_keyboard_alone(
    service: RunningService, browser: Callable[..., Any]
) -> None:
    from selenium.webdriver.common.keys import Keys

    driver = browser()
    driver.get(service.url)
    assert one(driver, "html").get_attribute("lang") == "es"
    assert (one(driver, "h1").text, one(driver, "label").text) == ("Mesa de ayuda", "Tu pregunta")
    assert driver.switch_to.active_element == one(driver, "#question")
    press(driver, "leche del gato", Keys.ENTER)
    wait(driver, lambda: texts(driver, "#status") == ["5 pasajes"])
    (first, *_) = driver.find_elements("css selector", "#hits > li")
    assert one(first, "h3").text == "[1] Gatos"
    assert one(first, ".headings").text == "Leche"
    place = one(first, ".place").text
    assert place.startswith("gatos.md · líneas ")
    assert " · puntuación " in place
    assert "<img src=x onerror=alert(1)> <b>La leche</b> es del gato." in one(first, "blockquote").text
    keep_picture(driver, "found")
    # Search, language, the question: then the button of an answer, then the first passage.
    for _ in range(10):
        press(driver, Keys.TAB)
        if driver.switch_to.active_element.tag_name == "summary":
            break
    assert driver.switch_to.active_element.text == "Ver en el documento"
    assert one(first, ".context").is_displayed() is False
    press(driver, Keys.ENTER)
    wait(driver, lambda: one(first, ".context").is_displayed())
    before, itself, after = texts(first, ".context p")
    assert "El gato duerme al sol." in before
    assert "<b>La leche</b> es del gato." in itself
    assert one(first, ".context mark").text == itself
    assert "El viernes el gato sol." in after
    keep_picture(driver, "followed")
    assert driver.execute_script("return document.images.length") == 0
    press(driver, "/")
    assert driver.switch_to.active_element == one(driver, "#question")
    check_console(driver)


def test_a_search_has_an_address_and_going_back_leads_to_the_one_before(
    service: RunningService, browser: Callable[..., Any]
) -> None:
    from selenium.webdriver.common.keys import Keys

    driver = browser()
    driver.get(f"{service.url}?q=E-4012")
    wait(driver, lambda: texts(driver, "#hits li:first-child .place"))
    assert texts(driver, "#hits li:first-child .place")[0].startswith("red.md · ")
    question = one(driver, "#question")
    question.clear()
    question.send_keys("mailbox password", Keys.ENTER)
    wait(driver, lambda: "en/mailbox.txt" in "".join(texts(driver, "#hits li:first-child .place")))
    assert driver.current_url == f"{service.url}?q=mailbox+password"
    driver.back()
    wait(driver, lambda: "red.md" in "".join(texts(driver, "#hits li:first-child .place")))
    assert question.get_property("value") == "E-4012"
    check_console(driver)


def test_the_page_speaks_english_to_whom_the_browser_says_so_or_asks(
    service: RunningService, browser: Callable[..., Any]
) -> None:
    driver = browser("en-US")
    driver.get(f"{service.url}?q=gato")
    wait(driver, lambda: texts(driver, "#status") == ["5 passages"])
    assert (one(driver, "html").get_attribute("lang"), one(driver, "h1").text) == ("en", "Help desk")
    assert " · score " in texts(driver, ".place")[0]
    assert one(driver, "summary").text == "Show in the document"
    switch = one(driver, "#language")
    assert (switch.text, switch.get_attribute("lang")) == ("Español", "es")
    switch.click()
    assert (one(driver, "html").get_attribute("lang"), one(driver, "h1").text) == ("es", "Mesa de ayuda")
    assert texts(driver, "#status") == ["5 pasajes"]
    driver.refresh()
    wait(driver, lambda: texts(driver, "#status") == ["5 pasajes"])
    assert one(driver, "#language").text == "English"


def test_an_answer_streams_in_and_its_citations_lead_to_the_passages(
    service: RunningService, groq: GroqServer, browser: Callable[..., Any]
) -> None:
    groq.script = Script([chunk("La leche es del gato [1, 2]."), 0.8, chunk(" Nada más [9]."), LAST, DONE])
    driver = browser()
    driver.get(f"{service.url}?q=leche+del+gato")
    wait(driver, lambda: one(driver, "#ask").is_displayed())
    one(driver, "#ask").click()
    wait(driver, lambda: texts(driver, "#answer-text") == ["La leche es del gato [1, 2]."])
    assert texts(driver, "#answer-note") == ["Redactando…"]
    wait(driver, lambda: texts(driver, "#answer-note") == [""])
    assert texts(driver, "#answer-text") == ["La leche es del gato [1, 2]. Nada más."]
    first, second = driver.find_elements("css selector", "#answer-text a")
    assert (first.accessible_name, second.accessible_name) == ("pasaje 1", "pasaje 2")
    second.click()
    assert driver.current_url.endswith("#hit-2")
    assert driver.execute_script("return document.querySelector(':target').id") == "hit-2"
    assert texts(driver, "#answer-text") == ["La leche es del gato [1, 2]. Nada más."], "the answer stays"
    keep_picture(driver, "answered")
    check_console(driver)


@pytest.mark.parametrize(
    ("script", "note"),
    [
        (saying("Porque sí."), "Esta respuesta no cita ningún pasaje: compruébala en los pasajes."),
        (failing(429, "x", **{"Retry-After": "7"}), "Demasiadas preguntas en poco tiempo: espera 7 s."),
        (failing(500, "x"), "La respuesta se interrumpió: prueba otra vez, o lee los pasajes."),
    ],
    ids=["uncited", "429", "500"],
)
def test_what_is_wrong_with_an_answer_is_said_in_the_persons_language(
    service: RunningService, groq: GroqServer, browser: Callable[..., Any], script: Script, note: str
) -> None:
    groq.script = script
    driver = browser()
    driver.get(f"{service.url}?q=gato")
    wait(driver, lambda: one(driver, "#ask").is_displayed())
    one(driver, "#ask").click()
    wait(driver, lambda: texts(driver, "#answer-note") == [note])
    assert len(texts(driver, "#hits > li")) == 5


def test_on_a_phone_nothing_is_wider_than_the_screen(service: RunningService, browser: Callable[..., Any]) -> None:
    driver = browser(width=360)
    driver.get(f"{service.url}?q=impresora+de+red")
    wait(driver, lambda: texts(driver, "#status") == ["5 pasajes"])
    one(driver, "summary").click()
    assert texts(driver, "#hits > li:first-child blockquote .fixed") == [CODE]
    assert driver.execute_script("return [innerWidth, document.documentElement.scrollWidth]") == [360, 360]
    small = [
        button.text
        for button in driver.find_elements("css selector", "button, input, summary")
        if button.is_displayed() and button.size["height"] < 40
    ]
    assert small == [], "a finger needs room"
    keep_picture(driver, "phone")


def test_a_passage_within_a_table_has_its_header(settings: Settings, browser: Callable[..., Any]) -> None:
    rows = "\n".join(f"| E-{number} | la sesión {number} venció por la red |" for number in range(5000, 5060))
    (settings.knowledge / "codigos.md").write_text(f"# Códigos\n\n| Código | Causa |\n| --- | --- |\n{rows}\n")
    build(settings)
    with running(settings.index) as service:
        driver = browser()
        driver.get(f"{service.url}?q=E-5059")
        wait(driver, lambda: texts(driver, "#status") == ["5 pasajes"])
        assert texts(driver, "#hits > li:first-child .table-header") == ["| Código | Causa |\n| --- | --- |"]
        rows_shown = texts(driver, "#hits > li:first-child blockquote .fixed")[-1].split("\n")
        assert rows_shown[-1] == "| E-5059 | la sesión 5059 venció por la red |"


def test_without_a_key_there_is_no_button_for_an_answer(built_once: Path, browser: Callable[..., Any]) -> None:
    with running(built_once) as service:
        driver = browser()
        driver.get(f"{service.url}?q=red")
        wait(driver, lambda: texts(driver, "#status") == ["3 pasajes"])
        assert one(driver, "#ask").is_displayed() is False


def test_a_service_that_is_gone_is_told(built_once: Path, browser: Callable[..., Any]) -> None:
    from selenium.webdriver.common.keys import Keys

    driver = browser()
    with running(built_once) as service:
        driver.get(service.url)
    press(driver, "red", Keys.ENTER)
    wait(driver, lambda: texts(driver, "#status") == ["El servicio no responde: prueba otra vez."])


def test_a_service_with_a_token_asks_the_person_for_it(
    built_once: Path, groq: GroqServer, tmp_path: Path, browser: Callable[..., Any]
) -> None:
    from selenium.webdriver.common.keys import Keys

    (tmp_path / "token").write_text("0123456789abcdef\n")
    groq.script = saying("Sí [1].")
    flags = ["--token-file", tmp_path / "token", "--answer-url", groq.url]
    with running(built_once, *flags, environment={"GROQ_API_KEY": KEY}) as service:
        driver = browser()
        driver.get(f"{service.url}?q=red")
        wait(driver, lambda: texts(driver, "#status") == ["Este servicio pide una clave de acceso."])
        assert texts(driver, "#token-form label") == ["Clave de acceso"]
        assert driver.switch_to.active_element == one(driver, "#token")
        press(driver, "another-token-ñ-x", Keys.ENTER)
        wait(driver, lambda: one(driver, "#token").get_property("value") == "")
        wait(driver, lambda: texts(driver, "#status") == ["Este servicio pide una clave de acceso."])
        keep_picture(driver, "token")
        one(driver, "#token").send_keys("0123456789abcdef", Keys.ENTER)
        wait(driver, lambda: texts(driver, "#status") == ["3 pasajes"])
        assert one(driver, "#token-form").is_displayed() is False
        one(driver, "#ask").click()
        wait(driver, lambda: texts(driver, "#answer-text") == ["Sí [1]."])
        driver.refresh()
        wait(driver, lambda: texts(driver, "#status") == ["3 pasajes"])
