"""Users for the benchmark: 100,000 names as they are common in Spain and Colombia, the same ones at each run."""

import random

from cloudnova_webapp.users.rules import fold

COUNT = 100_000
_FIRST = (
    "María", "Ana", "José", "Luis", "Carmen", "Juan", "Lucía", "Pedro", "Sofía", "Miguel", "Elena", "Jorge", "Marta",
    "Pablo", "Laura", "Diego", "Valentina", "Andrés", "Camila", "Fernando", "Isabel", "Ricardo", "Paula", "Héctor",
    "Natalia",
)
_LAST = (
    "García", "Martínez", "López", "Sánchez", "Pérez", "Gómez", "Rodríguez", "Fernández", "Díaz", "Ruiz", "Moreno",
    "Muñoz", "Álvarez", "Romero", "Torres", "Ramírez", "Vargas", "Castro", "Ortiz", "Rojas", "Quintero", "Zapata",
    "Ospina", "Cárdenas",
)


def fill(connection, first: int = 0, end: int = COUNT) -> None:
    """Insert the users `first` to `end` - 1 through a MySQLdb connection."""
    rng = random.Random(1)
    cursor = connection.cursor()
    for start in range(first, end, 5000):
        rows = []
        for number in range(start, min(start + 5000, end)):
            name = f"{rng.choice(_FIRST)} {rng.choice(_LAST)} {rng.choice(_LAST)}"
            email = f"{fold(name).replace(' ', '.')}{number}@example.com"
            rows.append((name, email, fold(f"{name}\n{email}").encode(), number))
        cursor.executemany(
            "INSERT INTO users (name, email, search, created_at) "
            "VALUES (%s, %s, %s, '2026-01-01' + INTERVAL %s * 137 SECOND)", rows)
    connection.commit()
    cursor.execute("ANALYZE TABLE users")
    cursor.fetchall()
