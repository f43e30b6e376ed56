"""Cases of `generate` for what stands between the rules: the order of checks, other ways to write a
value, headers and fields that must mean nothing, and a second story of writes."""
import json

R = "/api/incoming-call-log-item"
Q = "e8a1d6b3-05f4-4c79-8d2e-b7c93f60a514"
C1 = "8b3e6d10-47aa-4f19-a2c5-0e9b7f61d3c4"
U = "d94a1f77-2c06-4e3b-8f58-63b0a1c2e5d7"
E = "3e7a9c52-18bd-4f60-95e7-2ab4d8c0f163"
MISSING = "7f2b9c04-e1d6-4a58-b3c7-90ad5e8f1263"
JSON = {"content-type": "application/json"}


def id_sentence(id):
    return (f'Invalid ID format: "{id}". Expected a valid UUID (e.g., '
            '"550e8400-e29b-41d4-a716-446655440000").')


def orders(p):
    """Requests that are wrong in two ways: which of them is told."""
    def told(name, key, send, answer, **more):
        p.case(f"order: {name}", key, send, more.pop("body", None), *answer, **more)

    cut = '{"query":'
    malformed = (400, p.refusal("Invalid JSON body: unexpected end at line 1 column 9.",
                                "malformed_json"))
    bad_key = (401 if p.strict else 400, p.refusal("Invalid API Key", "invalid_key"))
    bad_id = (400, p.refusal(id_sentence("x"), "invalid_id", "id"))
    limit = (400, p.refusal("limit must be an integer from 1 to 100", "invalid_paging", "limit")
             if p.strict else {"error": "positiveNumber cannot be less than 0"})
    column = "Invalid column on Incoming Call Log Item - nope. Column does not exist."
    query = (400, p.refusal(column, "invalid_query", "nope"))
    known = ", ".join(p.columns)
    select = (400, p.refusal('Invalid select clause. Cannot select on "nope". This column does not '
                             "exist on Incoming Call Log Item. Here are the columns you can select "
                             f"on instead: {known}", "invalid_select", "nope"))
    sort = (400, p.refusal("Invalid sort column on Incoming Call Log Item - nope. Column does not "
                           "exist.", "invalid_sort", "nope"))
    forbidden = 403 if p.strict else 422
    titles = "You need one of these permissions: Project Owner, Project Admin"
    denied = {op: (forbidden, p.refusal(f"You do not have permissions to {op} Incoming Call Log "
                                        f"Item. {titles}", "not_permitted"))
              for op in ("create", "update", "delete")}
    wrong = {"nope": 1}
    told("query before select", "admin", f"POST {R}/get-list", query,
         body={"sort": wrong, "select": {"nope": True}, "query": wrong})
    told("select before sort", "admin", f"POST {R}/get-list", select,
         body={"sort": wrong, "select": {"nope": True}})
    told("paging before query", "admin", f"POST {R}/get-list?limit=-1", limit,
         body={"query": wrong})
    told("sort before the page", "admin", f"POST {R}/get-list?skip=900", sort, body={"sort": wrong})
    told("body before paging", "admin", f"POST {R}/get-list?limit=-1", malformed, text=cut)
    told("select before existence", "admin", f"POST {R}/{MISSING}/get-item", select,
         body={"select": {"nope": True}})
    told("route before key", "malformed", f"POST {R}/get-list/x",
         (404, {"error": f"No such route: POST {R}/get-list/x", "code": "route_not_found"}
          if p.strict else {"message": f"Page not found - {R}/get-list/x"}), body={})
    update = {"data": {"status": "x"}}
    if p.strict:
        told("key before body", "malformed", f"POST {R}/get-list", bad_key, text=cut)
        told("permission before id", "reader", f"DELETE {R}/x", denied["delete"])
        told("permission before body", "reader", f"PUT {R}/x", denied["update"], text=cut)
        told("permission before data", "reader", f"POST {R}", denied["create"], body={})
        told("id before body", "admin", f"PUT {R}/x", bad_id, text=cut)
    else:
        many = {**JSON, "is-multi-tenant-query": "1"}
        required = (400, {"error": "incomingCallLogId is required"})
        shape = (400, {"error": "Invalid request body. The update payload should be an object of "
                                'the form { "data": { ...fields to update... } }.'})
        told("body before key", "malformed", f"POST {R}/get-list", malformed, text=cut)
        told("type before key", "malformed", f"POST {R}/get-list",
             (415, {"error": "Send the body as application/json in UTF-8."}), text="{}",
             headers={"content-type": "text/plain"})
        told("key before all projects", "malformed", f"POST {R}/get-list", bad_key, headers=many)
        told("all projects before id", "admin", f"POST {R}/x/get-item",
             (400, {"error": "isMultiTenantRequest not allowed on Incoming Call Log Item"}),
             headers=many)
        told("id before permission", "reader", f"DELETE {R}/x", bad_id)
        told("shape before permission", "reader", f"PUT {R}/{MISSING}", shape, body={"data": 1})
        told("required before permission", "reader", f"POST {R}", required, body={"data": {}})
        told("permission before the columns of data", "reader", f"PUT {R}/{MISSING}",
             denied["update"], body={"data": {"nope": 1}})
        told("permission before query", "nothing", f"POST {R}/count",
             (422, {"error": "You do not have permissions to read Incoming Call Log Item. You need "
                             "one of these permissions: Project Owner, Project Admin, Project "
                             "Member, Viewer, Read Incoming Call Log Item"}), body={"query": wrong})
        told("paging before a missing key", "missing", f"POST {R}/get-list?limit=-1", limit, body={})
        told("id before a missing key", "missing", f"POST {R}/x/get-item", bad_id, body={})
        told("a missing key before query", "missing", f"POST {R}/count",
             (401, {"error": "Authenticated user or a valid API key is needed to read record of "
                             "Incoming Call Log Item."}), body={"query": wrong})
        long = "x" * 101
        for name, data, sentence in [
            ("fixed column", {"nope": 1, "status": long, "userId": None},
             "User is not allowed to update on userId column of Incoming Call Log Item"),
            ("length", {"nope": 1, "endedAt": "x", "status": long},
             "status length cannot be more than 100 characters"),
            ("unknown column", {"endedAt": "x", "nope": 1},
             "TableColumnMetadata not found for nope column"),
            ("value", {"endedAt": "x"}, "Invalid value for endedAt: expected a date."),
        ]:
            told(f"{name} of an update", "admin", f"PUT {R}/{MISSING}", (400, {"error": sentence}),
                 body={"data": data})
    told("data before existence", "admin", f"PUT {R}/{MISSING}",
         (400, p.refusal("Invalid value for endedAt: expected a date.", "invalid_value", "endedAt")),
         body={"data": {"endedAt": "x"}})
    told("a good update of nothing there", "admin", f"PUT {R}/{MISSING}",
         p.missing() if p.strict else
         (422, {"error": "Unable to update this incoming call log item. It either does not exist, "
                         "has been deleted, or you do not have permission to update it."}),
         body=update)


def values(p, items):
    """Other ways to write a value, and values that only look alike."""
    b = [items[1]]
    for text in ("2026-05-14T08:16:02Z", "2026-05-14t08:16:02.0Z", "2026-05-14 08:16:02",
                 "2026-05-14T08:16:02.000000000", "2026-05-14T10:16:02+02:00",
                 "2026-05-14T10:16:02+0200", "2026-05-14 10:16:02+02", "2026-05-14T06:46:02-01:30"):
        p.filtered(f"a date as {text}", {"createdAt": text}, lambda i: i in b)
        wrapped = {"_type": "DateTime", "value": text}
        p.filtered(f"a wrapped date as {text}", {"createdAt": wrapped}, lambda i: i in b)
    p.filtered("a date without seconds", {"createdAt": {"_type": "LessThan",
               "value": "2026-05-14T08:16"}}, lambda i: i is items[0])
    for query in ({"status": "busy"}, {"status": " Busy"}, {"status": "Busy "}):
        p.filtered(f"text as it is: {query['status']!r}", query, lambda i: False)
    for op, value in [("Search", "BUSY."), ("StartsWith", " THE "), ("EndsWith", "486] ")]:
        keep = {"Search": "busy.", "StartsWith": "the", "EndsWith": "486]"}[op]
        p.filtered(f"text in any case: {op}", {"statusMessage": {"_type": op, "value": value}},
                   lambda i, k=keep, o=op: {"Search": k in i["statusMessage"].lower(),
                                            "StartsWith": i["statusMessage"].lower().startswith(k),
                                            "EndsWith": i["statusMessage"].lower().endswith(k)}[o])
    for sign in ("%", "_"):
        p.filtered(f"{sign} in a text operator", {"status": {"_type": "Search", "value": sign}},
                   lambda i: not p.strict)
    two = {name: {"_type": "MultiSearch", "value": value, "fields": ["status", "statusMessage"]}
           for name, value in (("one", "busy"), ("two", "sip"))}
    p.filtered("two MultiSearch", two, lambda i: i["status"] == "Busy")
    none = {**two, "three": {"_type": "MultiSearch", "value": "answered", "fields": ["status"]}}
    p.filtered("MultiSearch that contradict", none, lambda i: False)
    phones = ["+441632960044"] + (["+44 1632 960044", "(+44)1632-960.044"] if p.strict else [])
    for phone in phones:
        p.filtered(f"a phone as {phone}", {"userPhoneNumber": phone}, lambda i: i in b)
    # What a binary float would take for equal.
    p.case("exact numbers", "admin", f"POST {R}/count", None, 200, {"count": 0},
           text='{"query":{"callCostInUSDCents":2.37500000000000000001}}', headers=JSON)
    p.case("a number with zeros behind it", "admin", f"POST {R}/count", None, 200, {"count": 1},
           text='{"query":{"callCostInUSDCents":2.3750}}', headers=JSON)

    def refuse(name, query, sentence, code, field):
        p.case(f"refused value: {name}", "admin", f"POST {R}/count", {"query": query}, 400,
               p.refusal(sentence, code, field))

    for column, kind, expected in (("userId", "ObjectID", "an ObjectID"),
                                   ("endedAt", "DateTime", "a date")):
        refuse(f"null in a wrapper of {column}", {column: {"_type": kind, "value": None}},
               f"Invalid value for {column}: expected {expected}.", "invalid_value", column)
    refuse("NUL", {"status": "a\u0000b"}, "Invalid value for status: expected text.",
           "invalid_value", "status")
    long = "n" * 300
    refuse("a long name", {long: 1},
           f"Invalid column on Incoming Call Log Item - {long[:100]}. Column does not exist.",
           "invalid_query", long[:100])
    if p.strict:
        for value in (5, True):
            refuse(f"status {value!r}", {"status": value},
                   "Invalid value for status: expected text.", "invalid_value", "status")
        for value in ("1", 1, "true"):
            refuse(f"isAnswered {value!r}", {"isAnswered": value},
                   "Invalid value for isAnswered: expected true or false.", "invalid_value",
                   "isAnswered")
        refuse("duration as text", {"dialDurationInSeconds": "30"},
               "Invalid value for dialDurationInSeconds: expected a whole number.",
               "invalid_value", "dialDurationInSeconds")
    else:
        for value in (5, True):
            p.filtered(f"status {value!r}", {"status": value}, lambda i: False)
        for value in ("true", "T", "yes", "Y", "on", "1", 1, True):
            p.filtered(f"answered {value!r}", {"isAnswered": value}, lambda i: i in b)
        for value in ("false", "F", "no", "N", "Off", "0", 0):
            p.filtered(f"not answered {value!r}", {"isAnswered": value}, lambda i: i not in b)
        p.filtered("cost as text", {"callCostInUSDCents": " 23.75e-1 "}, lambda i: i in b)
        for garbage in ({"$ne": 1}, 5, "x", [], {"_type": "Nope"}, None):
            for name in ("project", "projectId"):
                p.filtered(f"{name} as {json.dumps(garbage)}", {name: garbage}, lambda i: True)


def idle(p, items):
    """Headers, parameters and fields that must change nothing, and what may be left out."""
    every = p.page(items[::-1], 4)
    for name, headers in [
        ("headers that name a project", {"ProjectID": Q, "tenantid": "garbage"}),
        ("cookies and tokens beside a key", {"cookie": "user=x", "authorization": "Basic eA=="}),
        ("an empty header of all projects", {"is-multi-tenant-query": ""}),
        ("output-type", {"output-type": "csv", "accept": "text/csv"}),
        ("a plain encoding", {"content-encoding": "identity"}),
    ]:
        p.case(f"idle: {name}", "admin", f"POST {R}/get-list", {}, 200, every,
               headers={**JSON, **headers})
    p.case("idle: a project in the URL", "admin", f"POST {R}/get-list?tenantid={Q}&projectId={Q}", {},
           200, every)
    p.case("idle: query, select and sort in the URL", "admin",
           f"GET {R}/get-list?query=%7B%22status%22:%22x%22%7D&select=%7B%7D&sort=nope", None, 200,
           every)
    p.case("idle: a type without a body", "admin", f"POST {R}/get-list", None, 200, every,
           headers={"content-type": "text/plain"})
    p.case("idle: an API key by another name", "missing", f"POST {R}/count", {},
           *((401, p.refusal("An API key is needed. Send it in the ApiKey header.", "missing_key"))
             if p.strict else
             (401, {"error": "Authenticated user or a valid API key is needed to read record of "
                             "Incoming Call Log Item."})),
           headers={**JSON, "x-api-key": "21232f29-7a57-45a7-8389-4a0e4a801fc3"})
    if p.strict:
        p.case("idle: a bearer token", "missing", f"POST {R}/count", {}, 401,
               p.refusal("An API key is needed. Send it in the ApiKey header.", "missing_key"),
               headers={"authorization": "Bearer abc"})
        p.case("idle: all projects", "admin", f"POST {R}/count", {}, 200, {"count": 4},
               headers={**JSON, "is-multi-tenant-query": "true"})
    p.case("idle: _id that is not selected", "admin", f"POST {R}/{items[0]['_id']}/get-item",
           {"select": {"_id": False}}, 200, {"_id": items[0]["_id"]})
    for name, text in (("an object", '{"data":{"status":"x"}}'), ("nonsense", "not json")):
        p.case(f"idle: {name} as the body of a delete", "admin", f"DELETE {R}/{MISSING}", None,
               *p.missing(), text=text, headers={"content-type": "text/plain"})
    for path, known, body in [("count", "query, groupBy", {"limit": 1, "skip": 3}),
                              ("count", "query, groupBy", {"select": "x", "sort": 1}),
                              (f"{items[0]['_id']}/get-item", "select", {"query": 1})]:
        field = next(iter(body))
        granted = {"count": 4} if path == "count" else {"_id": items[0]["_id"]}
        p.case(f"idle: {json.dumps(body)} on {path}", "admin", f"POST {R}/{path}", body,
               *((400, p.refusal(f"Unknown field {field}. Fields you can send: {known}",
                                 "unknown_field", field)) if p.strict else (200, granted)))
    everybody = "" if p.strict else "*"
    p.case("headers for scripts", "admin", f"POST {R}/count", {}, 200, {"count": 4},
           headers={**JSON, "origin": "https://a.example"},
           has={"access-control-allow-origin": everybody, "access-control-allow-credentials": "",
                "access-control-expose-headers": "X-Request-Id, Retry-After" if everybody else ""})
    p.case("methods of a path", "missing", f"OPTIONS {R}/{MISSING}", None, 204, None,
           has={"allow": "PUT, DELETE, OPTIONS" if p.strict else "",
                "access-control-allow-methods":
                    "" if p.strict else "GET,HEAD,PUT,PATCH,POST,DELETE"})
    p.case("head of the description", "missing", "HEAD /api/openapi/spec", None, 200, None,
           has={"content-type": "application/json; charset=utf-8"})
    p.case("head of a count", "admin", f"HEAD {R}/count", None, 405 if p.strict else 404, None)
    p.case("large headers", "admin", f"POST {R}/count", None, 431,
           p.refusal("The headers are larger than 16384 bytes in total.", "headers_too_large"),
           headers={"x-long": "z" * 16384})
    if not p.strict:
        p.case("paging ?skip=9223372036854775808", "admin",
               f"POST {R}/get-list?skip=9223372036854775808", {}, 400,
               {"error": "skip must be an integer of 0 or more"})
        p.case("paging body limit -1", "admin", f"POST {R}/get-list", {"limit": -1}, 400,
               {"error": "positiveNumber cannot be less than 0"})


def more_writes(p, W, made):
    """A second story in the project of `writer`; its items are gone at the end."""
    need = {"incomingCallLogId": C1, "status": "Connected", "isAnswered": True}

    def create(name, data, keep, answer, **beside):
        p.case(f"story: again {name}", "writer", f"POST {R}", {"data": data, **beside}, 200,
               made({**need, **{k: v for k, v in data.items() if k in ("status", "isAnswered")}},
                    answer), keep=keep)

    def get(name, id, shown):
        names = sorted(shown) if p.strict else [c for c in p.columns if c in shown]
        p.case(f"story: again {name}", "writer", f"POST {R}/{{{id}}}/get-item",
               {"select": {c: True for c in shown}}, 200,
               {"_id": "{" + id + "}", **{c: p.value(c, shown[c]) for c in names}})

    def update(name, id, data):
        p.case(f"story: again {name}", "writer", f"PUT {R}/{{{id}}}", {"data": data}, 200, {})

    beside = {"miscDataProps": {"x": 1}, "projectId": Q} if not p.strict else {}
    own = {"projectId": W} if p.strict else \
        {"projectId": Q, "_id": MISSING, "id": MISSING, "version": 9, "createdAt": "2020-01-01",
         "updatedAt": "x", "deletedAt": "2020-01-01", "nope": 1, "project": {"_id": Q}}
    create("what cannot be set", {**need, **own}, "five", {}, **beside)
    get("what was not set", "five", {"projectId": W, "status": "Connected",
                                     **({} if p.strict else {"version": 1})})
    if not p.strict:
        p.case("story: again no id of the client is taken", "writer", f"POST {R}/{MISSING}/get-item",
               {}, 200, {})
        p.case("story: again all projects and a create", "writer", f"POST {R}", {"data": need}, 200,
               made(need, {}), headers={**JSON, "is-multi-tenant-query": "true"}, keep="six")
    p.case("story: again the id column wins over the relation", "writer", f"POST {R}",
           {"data": {**need, "incomingCallLog": {"_id": MISSING, "status": "x"}}}, 200,
           made(need, {}) if p.strict else
           {k: v for c in p.order for k, v in
            {**made(need, {}), "incomingCallLog": {"_id": C1}}.items() if k == c}, keep="seven")
    spelled = {**need, "user": {"_id": U}, "incomingCallPolicyEscalationRule": {"_id": E}}
    whole = {**made(spelled, {"userId": U, "incomingCallPolicyEscalationRuleId": E}),
             "user": {"_id": U}, "incomingCallPolicyEscalationRule": {"_id": E}}
    p.case("story: again every parent through a relation", "writer", f"POST {R}", {"data": spelled},
           200, made(spelled, {}) if p.strict else
           {c: whole[c] for c in p.order if c in whole}, keep="nine")
    get("parents through relations", "nine", {"userId": U, "incomingCallPolicyEscalationRuleId": E})
    early = {**need, "startedAt": "2026-05-15T06:30:00Z", "endedAt": "2026-05-15T06:29:00Z"}
    create("an end before the start", early, "ten",
           {"startedAt": early["startedAt"], "endedAt": early["endedAt"]})
    get("an end before the start is no negative time", "ten",
        {"dialDurationInSeconds": 0, "endedAt": "2026-05-15T06:29:00.000Z"})
    update("a null", "ten", {"startedAt": None, "statusMessage": None})
    get("a null is kept", "ten", {"startedAt": None, "statusMessage": None})
    if not p.strict:
        for name, data, sentence in [
            ("id 0", {**need, "incomingCallLogId": 0}, "incomingCallLogId is required"),
            ("id false", {**need, "incomingCallLogId": False}, "incomingCallLogId is required"),
            ("status 0", {**need, "status": 0}, "status is required"),
            ("status false", {**need, "status": False}, "status is required"),
        ]:
            p.case(f"write refused: {name}", "writer", f"POST {R}", {"data": data}, 400,
                   {"error": sentence})
        loose = {"incomingCallLogId": C1, "status": 7, "dialDurationInSeconds": "12", "userId": "",
                 "incomingCallPolicyEscalationRuleId": "", "userPhoneNumber": "", "startedAt": "",
                 "isAnswered": None}
        p.case("story: again loosely", "writer", f"POST {R}", {"data": loose}, 200,
               made({"status": "7", "isAnswered": False}, {"dialDurationInSeconds": 12}),
               keep="eleven")
        get("what was loosely made", "eleven", {"status": "7", "dialDurationInSeconds": 12, "userId": None,
                                  "isAnswered": False, "version": 1})
        update("a blank status", "eleven", {"status": "", "_id": MISSING, "version": 9})
        for _ in ("", " again"):
            update(f"the same{_}", "eleven", {"isAnswered": "yes", "endedAt": ""})
        get("every update counts", "eleven", {"status": "", "isAnswered": True, "endedAt": None,
                                              "version": 4})
    gone = ["five", "seven", "nine", "ten"] + ([] if p.strict else ["six", "eleven"])
    for id in gone:
        p.case(f"story: again delete {id}", "writer", f"DELETE {R}/{{{id}}}", {"any": "thing"}, 200,
               {})
        p.case(f"story: again update {id} afterwards", "writer", f"PUT {R}/{{{id}}}",
               {"data": {"status": "x"}}, *(p.missing() if p.strict else
               (422, {"error": "Unable to update this incoming call log item. It either does not "
                               "exist, has been deleted, or you do not have permission to update "
                               "it."})))
    p.case("story: again nothing is left", "writer", f"POST {R}/get-list", {}, 200, p.page([], 0))
