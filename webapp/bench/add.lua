-- The form for a new user, each time with another address. The token and cookie come from a form that was opened before.
local count = 0
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
wrk.headers["Cookie"] = "@cookie@"

function request()
  count = count + 1
  local body = "csrf_token=@token@&version=&name=Bench+" .. count .. "&email=bench.@run@." .. count .. "%40example.com"
  return wrk.format(nil, "/users/new", nil, body)
end
