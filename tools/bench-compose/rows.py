# Appended to webapp/bench/people.py and run inside the application's container: makes the table `users` hold ROWS rows.
import MySQLdb
from cloudnova_webapp.settings import load_database

database = load_database()
connection = MySQLdb.connect(host=database.host, port=database.port, user=database.user, passwd=database.password, db=database.name,
                             charset="utf8mb4", ssl_mode="REQUIRED")
cursor = connection.cursor()
cursor.execute("SELECT COUNT(*) FROM users")
there = cursor.fetchone()[0]
if there < ROWS:
    fill(connection, there, ROWS)
else:
    cursor.execute("DELETE FROM users ORDER BY id DESC LIMIT %s", (there - ROWS,))
    connection.commit()
cursor.execute("SELECT COUNT(*) FROM users")
print(cursor.fetchone()[0])
