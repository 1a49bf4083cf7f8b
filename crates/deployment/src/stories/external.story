3 hosts; web external desired=5
set 100
  start a1 on h1, a2 on h2, a3 on h3, a4 on h1, a5 on h2
  event: (service web, taskSet a) has started 5 tasks: (task a1) (task a2) (task a3) (task a4) (task a5).
  why: Task set a should have 5 tasks and has 0. 5 desired, at least 5 healthy and at most 10 in all: 0 stay (0 healthy), 0 leave, 0 are stopping.
go on
  ...
  event: (service web, taskSet a) updated state to STEADY_STATE.
  event: (service web) has reached a steady state.
  why: Task set a should have 5 tasks and has 5. 5 desired, at least 5 healthy and at most 10 in all: 5 stay (5 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:00:00Z
# Rounded up.
set 25
  start b1 on h3, b2 on h1
  deployment b: ACTIVE, 2 of its tasks wanted, IN_PROGRESS, PENDING
  event: (service web, taskSet b) has started 2 tasks: (task b1) (task b2).
  why: Task set a should have 5 tasks and has 5. 5 desired, at least 5 healthy and at most 10 in all: 5 stay (5 healthy), 0 leave, 0 are stopping. Task set b should have 2 tasks and has 0. 2 desired, at least 2 healthy and at most 4 in all: 0 stay (0 healthy), 0 leave, 0 are stopping.
go on
  ...
  event: (service web, taskSet b) updated state to STEADY_STATE.
  event: (service web) has reached a steady state.
  why: Task set a should have 5 tasks and has 5. 5 desired, at least 5 healthy and at most 10 in all: 5 stay (5 healthy), 0 leave, 0 are stopping. Task set b should have 2 tasks and has 2. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:00:00Z
scale b 100
  start b3 on h2, b4 on h3, b5 on h1
  deployment b: ACTIVE, 5 of its tasks wanted, IN_PROGRESS, PENDING
  event: (service web, taskSet b) has started 3 tasks: (task b3) (task b4) (task b5).
  why: Task set a should have 5 tasks and has 5. 5 desired, at least 5 healthy and at most 10 in all: 5 stay (5 healthy), 0 leave, 0 are stopping. Task set b should have 5 tasks and has 2. 5 desired, at least 5 healthy and at most 10 in all: 2 stay (2 healthy), 0 leave, 0 are stopping.
primary b
  nothing to do
  why: Task set a should have 5 tasks and has 5. 5 desired, at least 5 healthy and at most 10 in all: 5 stay (5 healthy), 0 leave, 0 are stopping. Task set b should have 5 tasks and has 5. 5 desired, at least 5 healthy and at most 10 in all: 5 stay (2 healthy), 0 leave, 0 are stopping.
go on
  ...
  event: (service web, taskSet b) updated state to STEADY_STATE.
  event: (service web) has reached a steady state.
  why: Task set a should have 5 tasks and has 5. 5 desired, at least 5 healthy and at most 10 in all: 5 stay (5 healthy), 0 leave, 0 are stopping. Task set b should have 5 tasks and has 5. 5 desired, at least 5 healthy and at most 10 in all: 5 stay (5 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:00:00Z
drop a
  stop a1 a2 a3 a4 a5: Scaling activity initiated by (deployment a)
  deployment a: DRAINING, 0 of its tasks wanted, IN_PROGRESS, PENDING
  event: (service web) has stopped 5 running tasks: (task a1) (task a2) (task a3) (task a4) (task a5).
  why: Task set a should have 0 tasks and has 5. 0 desired, at least 0 healthy and at most 0 in all: 5 stay (5 healthy), 0 leave, 0 are stopping. Stops 5 healthy, those where there are most first. Task set b should have 5 tasks and has 5. 5 desired, at least 5 healthy and at most 10 in all: 5 stay (5 healthy), 0 leave, 0 are stopping.
gone
  deployment a is gone
  event: (service web) has reached a steady state.
  why: Task set a should have 0 tasks and has 0. 0 desired, at least 0 healthy and at most 0 in all: 0 stay (0 healthy), 0 leave, 0 are stopping. Task set b should have 5 tasks and has 5. 5 desired, at least 5 healthy and at most 10 in all: 5 stay (5 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:00:00Z
desired 2
  stop b1 b2 b3: Scaling activity initiated by (deployment b)
  deployment b: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, PENDING
  event: (service web) has stopped 3 running tasks: (task b1) (task b2) (task b3).
  why: Task set b should have 2 tasks and has 5. 2 desired, at least 2 healthy and at most 4 in all: 5 stay (5 healthy), 0 leave, 0 are stopping. Stops 3 healthy, those where there are most first.
go on
  ...
  event: (service web, taskSet b) updated state to STEADY_STATE.
  event: (service web) has reached a steady state.
  why: Task set b should have 2 tasks and has 2. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:00:00Z
drop b
  stop b4 b5: Scaling activity initiated by (deployment b)
  deployment b: DRAINING, 0 of its tasks wanted, IN_PROGRESS, PENDING
  event: (service web) has stopped 2 running tasks: (task b4) (task b5).
  why: Task set b should have 0 tasks and has 2. 0 desired, at least 0 healthy and at most 0 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. Stops 2 healthy, those where there are most first.
gone
  deployment b is gone
  why: Task set b should have 0 tasks and has 0. 0 desired, at least 0 healthy and at most 0 in all: 0 stay (0 healthy), 0 leave, 0 are stopping.
