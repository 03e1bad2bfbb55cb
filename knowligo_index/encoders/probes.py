"""Texts whose vectors a version records: by them an encoder that has become another one is noticed on opening."""

PROBE_TEXTS = (
    "¿Cuánto tarda el soporte en responder un incidente crítico?",
    "How do I reset the password of my mailbox when I am locked out?",
    "Código: E-4012. Causa: la sesión venció",
    "sudo systemctl restart openvpn-client@oficina.service",
)
"""Of the kinds that the index holds. None is longer than the 32 tokens of a question: a second length would have to be
prepared for, at every opening."""

PROBE_COSINE_FLOORS = {"float32": 0.9999, "bfloat16": 0.999, "int8": 0.98}
"""by precision: the same weights and the same tokenizer on another CPU give vectors this close; anything below is
another encoder"""
