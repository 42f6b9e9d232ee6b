"""All addresses, with those of a sign-in service, which are there only where one is configured."""

from accounts.urls_service import urlpatterns as of_the_service
from config.urls import handler403, handler404, handler429, handler500
from config.urls import urlpatterns as all_others

__all__ = ["handler403", "handler404", "handler429", "handler500", "urlpatterns"]
urlpatterns = [*of_the_service, *all_others]
