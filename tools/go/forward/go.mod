module cloudnova.dev/tools/forward

go 1.24.0
