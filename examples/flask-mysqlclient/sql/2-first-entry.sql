INSERT INTO entries (name, text) VALUES ('José', '¡Bienvenidos!');
