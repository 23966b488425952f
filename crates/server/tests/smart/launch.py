"""A SMART app on fhirclient (PyPI) and a browser of a few lines, against a running server.

Arguments: address of the FHIR interface, client id, login, password, launch token or "-", patient to
pick or "-". Prints JSON: the patient in context and what reads and searches gave.
"""
import html, http.cookiejar, json, re, sys, urllib.error, urllib.parse, urllib.request

from fhirclient import client
from fhirclient.models.condition import Condition
from fhirclient.models.observation import Observation
from fhirclient.models.patient import Patient

base, app_id, login, password, launch, pick = sys.argv[1:7]
scope = sys.argv[7]
redirect_uri = "http://localhost:1/back"


class Stop(urllib.request.HTTPRedirectHandler):
    """Follows redirects but the one back to the app."""

    def redirect_request(self, req, fp, code, msg, headers, to):
        if to.startswith(redirect_uri):
            raise StopIteration(to)
        return super().redirect_request(req, fp, code, msg, headers, to)


browser = urllib.request.build_opener(
    Stop, urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
)


def visit(url, fields=None):
    data = urllib.parse.urlencode(fields).encode() if fields else None
    with browser.open(url, data) as answer:
        return answer.geturl(), answer.read().decode()


def hidden(page):
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', page)
    return {name: html.unescape(value) for name, value in found}


def submit(url, page, **fields):
    action = re.search(r'<form method="post" action="([^"]*)"', page).group(1)
    return visit(urllib.parse.urljoin(url, action), {**hidden(page), **fields})


def attempt(what):
    """What a request gave: the number of resources, or the status that refused it."""
    try:
        return what()
    except Exception as error:
        answer = getattr(error, "response", None)
        return answer.status_code if answer is not None else repr(error)


settings = {"app_id": app_id, "api_base": base, "redirect_uri": redirect_uri, "scope": scope}
if launch != "-":
    settings["launch_token"] = launch
smart = client.FHIRClient(settings=settings)
smart.prepare()
url, page = visit(smart.authorize_url)
url, page = submit(url, page, login=login, password=password)
if "/auth/patient" in url:
    url, page = visit(url + "&" + urllib.parse.urlencode({"name": pick}))
    link = re.search(r'<li><a href="([^"]*)"', page).group(1)
    url, page = visit(urllib.parse.urljoin(url, html.unescape(link)))
try:
    submit(url, page, decision="allow")
    raise SystemExit("the app was not called back")
except StopIteration as back:
    smart.handle_callback(back.value)


def count(kind, **search):
    return len(kind.where(search).perform_resources(smart.server))


patient = smart.patient_id
said = {
    "ready": smart.ready,
    "patient": patient,
    "own_patient": attempt(lambda: Patient.read(patient, smart.server).id),
    "patients": attempt(lambda: count(Patient)),
    "observations": attempt(lambda: count(Observation)),
    "laboratory": attempt(lambda: count(Observation, category="laboratory")),
    "vital_signs": attempt(lambda: count(Observation, category="vital-signs")),
    "conditions": attempt(lambda: count(Condition)),
}
if smart.server.auth.refresh_token:
    said["refreshed"] = bool(smart.reauthorize())
    said["own_patient_again"] = attempt(lambda: Patient.read(patient, smart.server).id)
print(json.dumps(said))
