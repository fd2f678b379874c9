"""The bundled plugins. Each is found by its entry point, like anybody else's."""
