"""Settings: a flag overrides the environment (KNOWLIGO_*), which overrides knowligo.toml, which overrides the default.

A setting has one name everywhere: `--chunk-tokens`, `KNOWLIGO_CHUNK_TOKENS`, `chunk_tokens = 200`. The options of each
stage are a dataclass in its package; the fields that have a description are settings. An unknown key is an error.
"""

from knowligo_index.settings.loading import PREFIX, as_flag, load_settings
from knowligo_index.settings.schema import Setting, Settings, known_settings, settings_in_force

__all__ = ["PREFIX", "Setting", "Settings", "as_flag", "known_settings", "load_settings", "settings_in_force"]
