"""x"""
from django.contrib.auth.middleware import LoginRequiredMiddleware
class SignInRequiredMiddleware(LoginRequiredMiddleware): pass
def PreferencesMiddleware(get_response): return get_response
