-- Prefix searches, one after the other.
local prefixes = { @prefixes@ }
local count = 0

function request()
  count = count + 1
  return wrk.format("GET", "/users?q=" .. prefixes[count % #prefixes + 1])
end
