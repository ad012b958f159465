"""The addresses of the notes, and the page behind them."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template import engines
from django.urls import path

from .models import Note

PAGE = """<!doctype html>
<html lang="en">
<title>Notes</title>
<h1>Notes</h1>
<ul>{% for note in notes %}<li>{{ note.text }}</li>{% endfor %}</ul>
<form method="post">{% csrf_token %}<input name="text" maxlength="500" required><button>Keep</button></form>
</html>"""


def index(request: HttpRequest) -> HttpResponse:
    """Show every note, and keep a new one."""
    if request.method == "POST":
        Note.objects.create(text=request.POST["text"][:500])
        return HttpResponseRedirect(request.path)
    template = engines["django"].from_string(PAGE)
    return HttpResponse(template.render({"notes": Note.objects.order_by("id")}, request))


urlpatterns = [path("", index)]
