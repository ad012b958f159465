// Imported first: a node of the tests' own, because they delete its data. Its name is read when node/ is loaded.
process.env.CLOUDNOVA_NODE = "cloudnova-test";
