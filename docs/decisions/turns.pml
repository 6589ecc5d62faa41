/*
 * Turns: of N executions at most `limit` render at once, the others wait. How to run this, what was checked and what
 * taking a part of the protocol away breaks is in turns.md beside it.
 *
 * A set of tickets is a byte. Execution i has ticket i, and ticket N + i for when it waits again, at the front. Each
 * step is one request to S3 or Step Functions with what a function does by itself before the next; a change of the
 * register that looks at nothing else is one step, because it is repeated until it succeeds.
 */
#ifndef N
#define N 3
#endif
#ifndef LIMIT
#define LIMIT 1
#endif
#ifndef NEW_LIMIT /* What a deploy makes of it, at any moment. */
#define NEW_LIMIT LIMIT
#endif
#ifndef HANDS /* Functions that hand places out at the same time. */
#define HANDS 2
#endif
#ifndef CRASHES /* Functions that end between two steps. */
#define CRASHES 1
#endif
#ifndef STOPS /* Executions that are stopped; the event of it is lost, comes once or comes twice. */
#define STOPS 1
#endif
#ifndef AGAINS /* Throttled renders, and invocations of AwaitTurn that fail and are repeated with a new token. */
#define AGAINS 1
#endif

#define HIGHEST (LIMIT > NEW_LIMIT -> LIMIT : NEW_LIMIT)
#define BIT(t) (1 << (t))
#define ALL (BIT(N) - 1)
#define TICKETS_OF(executions) ((executions) | (executions) << N)
#define COUNT(x) (((x) & 1) + ((x) >> 1 & 1) + ((x) >> 2 & 1) + ((x) >> 3 & 1) + ((x) >> 4 & 1) + ((x) >> 5 & 1) + ((x) >> 6 & 1) + ((x) >> 7 & 1))
/* Those that were throttled come before the others. */
#define FIRST(x) ((x) & ~ALL -> ((x) & ~ALL) & -((x) & ~ALL) : (x) & -(x))

byte limit = LIMIT;
byte crashes = CRASHES;
byte stops = STOPS;
byte agains = AGAINS;

/*
 * In S3: the register with those of its places that StartRender has taken and what it has of the line; and the tickets.
 */
byte places;
byte taken;
byte known;
byte waiting;
/* Tickets of invocations of AwaitTurn that nobody waits for any more, and that are still to be written. */
byte late;
/* In Step Functions: tickets whose token is waited for, or was accepted a moment ago; executions that have ended. */
byte open;
byte accepted;
byte ended;
/* Claims, by execution; and the renders that run. */
byte starting;
byte cancelled;
byte rendering;
/* Events of stops that are still to come. */
byte events;
byte doubled;
/* What each invocation that hands places out has to release, which of them only make room, and those under way. */
byte released[HANDS];
byte makeRoom;
byte busy;
/* Places whose tokens are about to be handed back; stands for the seconds that others leave to who has added them. */
byte calling;

#define IS_RUNNING(i) (!(ended & BIT(i)))
#define MAY_CRASH if :: crashes > 0 -> crashes--; goto crashed :: true fi

/* AWS accepts a token once. */
inline tell(ticket, refused) {
  if
  :: open & ticket -> open = open & ~ticket; accepted = accepted | ticket
  :: else -> refused = refused | ticket
  fi
}

/* A place that StartRender has not taken may be given back by whoever was refused. */
inline giveBack(tickets) {
#ifdef NO_TAKE
  places = places & ~(tickets)
#else
  places = places & ~((tickets) & ~taken)
#endif
}

/* A ticket; who comes before others that the register has of the line puts itself among them. */
inline join(tickets) {
  waiting = waiting | tickets;
  if
  :: known -> known = known | tickets
  :: true
  fi
}

/* Has places handed out by a function of its own; `tickets` are those whose renders have certainly ended. */
inline handOut(tickets, isRelease) {
  hand = 0;
  do
  :: busy & BIT(hand) -> hand++
  :: else -> break
  od;
  busy = busy | BIT(hand);
  released[hand] = tickets;
  makeRoom = (makeRoom & ~BIT(hand)) | isRelease << hand;
  hand = 0
}
#define IS_HAND_FREE (busy != BIT(HANDS) - 1)

proctype HandOut(byte me) {
  byte over, line, seen, seenTaken, seenKnown, next, added, refused, left, ticket, room;
  bool hasLooked, isNew, mayMiss;
end:
  atomic {
    busy & BIT(me);
    over = released[me];
    released[me] = 0;
    mayMiss = !(makeRoom & BIT(me));
    room = limit;
    MAY_CRASH;
    goto again
  };
look:
  atomic { line = waiting & ~over; hasLooked = true; isNew = true };
again:
  atomic {
    seen = places;
    seenTaken = taken;
    seenKnown = known;
    next = seen & ~over;
    left = known & ~next & ~over;
    if
    :: hasLooked && COUNT(next) + COUNT(left) < room -> left = line & ~next
    :: else
    fi;
    if
    :: !isNew && COUNT(next) + COUNT(left) < room && (COUNT(seen) >= room || mayMiss) ->
       seen = 0; seenTaken = 0; seenKnown = 0; next = 0; left = 0;
       goto look
    :: else
    fi;
    isNew = false;
    do
    :: left && COUNT(next) < room -> next = next | FIRST(left); left = left & ~FIRST(left)
    :: else -> break
    od;
    if
    :: next == seen && left == known -> goto done
    :: else
    fi;
    MAY_CRASH
  };
  atomic {
    if
    :: places == seen && taken == seenTaken && known == seenKnown ->
       places = next;
       taken = taken & next;
       known = left;
       added = next & ~seen;
       calling = calling | added;
       mayMiss = COUNT(seen) >= room && COUNT(next) < room;
       left = added;
       seen = 0; seenTaken = 0; seenKnown = 0; next = 0; line = 0; hasLooked = false;
       MAY_CRASH
    :: else -> seen = 0; seenTaken = 0; seenKnown = 0; next = 0; left = 0; goto again
    fi
  };
  do
  :: atomic { left -> ticket = FIRST(left); tell(ticket, refused); MAY_CRASH };
     atomic {
       if
       :: ticket & refused
       :: else -> waiting = waiting & ~ticket
       fi;
       left = left & ~ticket;
       ticket = 0
     }
  :: atomic { !left -> break }
  od;
  atomic { waiting = waiting & ~over };
  if
  :: atomic { refused -> mayMiss = mayMiss || COUNT(places) >= room; giveBack(refused); MAY_CRASH };
     atomic { waiting = waiting & ~refused; refused = 0; calling = calling & ~added; added = 0 }
  :: atomic { !refused -> calling = calling & ~added; added = 0 }
  fi;
#ifndef NO_SECOND_LOOK
  if
  :: mayMiss -> goto again
  :: else
  fi;
#endif
done:
crashed:
  atomic {
    calling = calling & ~added;
    busy = busy & ~BIT(me);
    over = 0; line = 0; seen = 0; seenTaken = 0; seenKnown = 0; next = 0; added = 0; refused = 0; left = 0;
    ticket = 0; room = 0; hasLooked = false; isNew = false; mayMiss = false;
    goto end
  }
}

/*
 * What follows the stop or the failure of an execution: its claim is settled, after a start that is under way, and then
 * its places are given away.
 */
inline stop(i) {
  cancelled = cancelled | BIT(i);
  rendering = rendering & ~BIT(i);
  handOut(TICKETS_OF(BIT(i)), 1)
}
#ifdef RELEASE_FIRST
#define SETTLED(executions) (executions)
#else
#define SETTLED(executions) ((executions) & ~starting)
#endif

inline indexOf(i, executions) {
  i = 0;
  do
  :: (executions) & BIT(i) -> break
  :: else -> i++
  od
}

proctype Execution(byte i) {
  byte ticket = BIT(i);
  byte previous, hand;
AwaitTurn:
  atomic {
    if
    :: IS_RUNNING(i) -> open = open | ticket
    :: else -> goto over
    fi
  };
  atomic { IS_HAND_FREE -> join(ticket); handOut(previous, 0); previous = 0 };
  if
  :: atomic { accepted & ticket && IS_RUNNING(i) }
  :: atomic { !IS_RUNNING(i) -> goto over }
  :: atomic {
       agains && ticket == BIT(i) && open & ticket ->
       agains--;
       open = open & ~ticket;
       late = late | ticket;
       ticket = BIT(N + i);
       goto AwaitTurn
     }
  fi;
StartRender:
  atomic {
    accepted = accepted & ~ticket;
    if
    :: !(places & ticket) && ticket == BIT(i) -> previous = ticket; ticket = BIT(N + i); goto AwaitTurn
    :: !(places & ticket) && ticket != BIT(i) -> goto failed
    :: else
    fi;
#ifndef NO_TAKE
    taken = taken | ticket;
#endif
    if
    :: crashes && IS_RUNNING(i) -> crashes--; goto StartRender
    :: true
    fi
  };
  atomic {
    if
    :: cancelled & BIT(i) -> goto over
    :: else -> starting = starting | BIT(i)
    fi
  };
  atomic {
    assert(!(rendering & BIT(i)));
    rendering = rendering | BIT(i);
    assert(COUNT(rendering) <= HIGHEST);
    starting = starting & ~BIT(i)
  };
  if
  :: atomic { rendering & BIT(i) -> rendering = rendering & ~BIT(i) }
  :: atomic { !IS_RUNNING(i) -> goto over }
  fi;
GetRenderProgress:
  atomic {
    if
    :: !IS_RUNNING(i) -> goto over
    :: IS_RUNNING(i) && crashes -> crashes--
    :: IS_RUNNING(i) && IS_HAND_FREE -> handOut(ticket, 1)
    fi;
    if
    :: agains && ticket == BIT(i) ->
       agains--;
#ifndef NO_PREVIOUS
       previous = ticket;
#endif
       ticket = BIT(N + i);
       goto AwaitTurn
    :: true
    fi
  };
  atomic {
    ended = ended | BIT(i);
    goto over
  };
failed:
  atomic { IS_HAND_FREE -> stop(i); ended = ended | BIT(i) };
over:
  atomic { ticket = 0; previous = 0 }
}

#define OF_NOBODY (ended & (places | places >> N | rendering) & ALL)
#define FORGOTTEN (waiting & TICKETS_OF(ended) & ~places)
#ifdef SLOW /* Nobody leaves time to anybody: who was told may have lost its turn when it comes. */
#define UNTOLD (places & ~taken & waiting & ~TICKETS_OF(ended))
#define UNTAKEN (places & ~taken & ~waiting & ~TICKETS_OF(ended))
#else
#define UNTOLD (places & ~taken & waiting & ~TICKETS_OF(ended) & ~calling)
#define UNTAKEN (places & ~taken & ~waiting & ~TICKETS_OF(ended) & ~calling & ~accepted & ~open)
#endif

/* Who stops executions and deploys, or does not; the events of it; what comes late; and the sweep. */
active proctype World() {
  byte i, hand, ticket, refused;
end:
  do
  :: atomic {
       stops ->
       stops--;
       if
       :: i = 0
       :: i = N - 1
       :: goto none
       fi;
       if
       :: IS_RUNNING(i) ->
          ended = ended | BIT(i);
          open = open & ~TICKETS_OF(BIT(i));
          if
#ifndef NO_SWEEP
          :: true
#endif
          :: events = events | BIT(i)
          :: events = events | BIT(i); doubled = doubled | BIT(i)
          fi
       :: else
       fi;
none:
       i = 0
     }
  :: atomic { agains -> agains-- }
  :: atomic { limit != NEW_LIMIT -> limit = NEW_LIMIT }
  :: atomic { late -> join(late); late = 0 }
  :: atomic {
       IS_HAND_FREE && SETTLED(events) ->
       indexOf(i, SETTLED(events));
       if
       :: doubled & BIT(i) -> doubled = doubled & ~BIT(i)
       :: else -> events = events & ~BIT(i)
       fi;
       stop(i);
       i = 0
     }
#ifndef NO_SWEEP
  /* The sweep does nothing while it would find nothing: what it cannot repair is a deadlock. */
  :: atomic { FORGOTTEN -> waiting = waiting & ~FORGOTTEN }
  :: atomic { !busy && SETTLED(OF_NOBODY) -> indexOf(i, SETTLED(OF_NOBODY)); stop(i); i = 0 }
  :: atomic {
       UNTOLD ->
       ticket = FIRST(UNTOLD);
       tell(ticket, refused);
       giveBack(refused);
       waiting = waiting & ~ticket;
       ticket = 0;
       refused = 0
     }
#ifndef NO_UNTAKEN
  :: atomic { UNTAKEN -> giveBack(UNTAKEN) }
#endif
  :: atomic { !busy && waiting & ~places && COUNT(places) < limit -> handOut(0, 0) }
#endif
  od
}

/* When nothing is left to be done nobody waits, nothing runs, and no place has leaked. */
active proctype Quiet() {
  timeout;
  assert(ended == ALL);
  assert(!rendering);
  assert(!places);
  assert(!waiting)
}

init {
  atomic {
    byte i = 0;
    do
    :: i < N -> run Execution(i); i++
    :: else -> break
    od;
    i = 0;
    do
    :: i < HANDS -> run HandOut(i); i++
    :: else -> break
    od;
    i = 0
  }
}
