import re, uuid
from tests.plugins.handledning.support import *
from service.access import Role
def test_smoke(world):
    two = pair(world)
    closed = two.talk()
    later = two.plan(START + timedelta(days=28))
    m, c = two.enter(two.manager_member), two.enter(two.coach_member)
    t = world.enter(two.course, Role.TRAINING, "T")
    E = f"/handledning/engagements/{two.engagement.id}"
    bad=[]
    def get(b, path):
        a=b.get(path)
        if a.status_code!=200: bad.append((path,a.status_code, b.member.role))
        return a
    for b in (m,c):
        for p in ("", "/goals","/decisions","/notes","/contacts","/tests","/plan"):
            get(b,E+p)
        for s in (closed,later):
            for p in ("","/prepare","/hold","/after","/cancel"):
                get(b,f"/handledning/sessions/{s}{p}")
    for p in ("/goals/new","/decisions/new","/tests/new","/activities/new"):
        get(m,E+p)
    get(t,"/handledning/questions"); get(t,"/handledning/questions/new"); get(t,"/handledning/questions/goal-1"); get(t,"/handledning/training")
    a=m.post(E+"/goals/new",{"title":"The team plans","scope":"professional","importance":"3","difficulty":"2","first-text":"Hand over","first-due_on":"2026-12-01","key":str(uuid.uuid4())})
    print(a.status_code, a.headers.get("Location"))
    g=a.headers["Location"].removeprefix(m.path)
    for p in ("","/edit","/scale"):
        get(m,g+p)
    get(c,g)
    print(bad)
    assert not bad
