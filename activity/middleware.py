"""x"""
def ActivityContextMiddleware(get_response): return get_response
