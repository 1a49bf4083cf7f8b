3 hosts; web desired=3
deploy
  start a1 on h1, a2 on h2, a3 on h3
  deployment a: PRIMARY, 3 of its tasks wanted, IN_PROGRESS, IN_PROGRESS
  event: (service web) has started 3 tasks: (task a1) (task a2) (task a3).
  why: 3 desired, at least 3 healthy and at most 6 in all: 0 stay (0 healthy), 0 leave, 0 are stopping.
go on
  ...
  deployment a: PRIMARY, 3 of its tasks wanted, COMPLETED, SUCCESSFUL
  event: (service web) (deployment a) deployment completed.
  event: (service web) has reached a steady state.
  why: 3 desired, at least 3 healthy and at most 6 in all: 3 stay (3 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:00:00Z
protect a1 30m
  nothing to do
  why: 3 desired, at least 3 healthy and at most 6 in all: 3 stay (3 healthy), 0 leave, 0 are stopping. The service is steady.
protect a2 30m
  nothing to do
  why: 3 desired, at least 3 healthy and at most 6 in all: 3 stay (3 healthy), 0 leave, 0 are stopping. The service is steady.
desired 1
  stop a3: Scaling activity initiated by (deployment a)
  deployment a: PRIMARY, 1 of its tasks wanted, COMPLETED, SUCCESSFUL
  event: (service web) has stopped 1 running tasks: (task a3).
  event: (service web) was unable to scale in due to (reason 2 tasks under protection)
  why: 1 desired, at least 1 healthy and at most 2 in all: 3 stay (3 healthy), 0 leave, 0 are stopping. 2 tasks are protected from scale-in. Stops 1 healthy, those where there are most first.
  again at 00:30:00Z
gone
  why: 1 desired, at least 1 healthy and at most 2 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. 2 tasks are protected from scale-in.
  again at 00:30:00Z
wait 29m
  nothing to do
  why: 1 desired, at least 1 healthy and at most 2 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. 2 tasks are protected from scale-in.
wait 1m
  stop a1: Scaling activity initiated by (deployment a)
  event: (service web) has stopped 1 running tasks: (task a1).
  why: 1 desired, at least 1 healthy and at most 2 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. Stops 1 healthy, those where there are most first.
gone
  event: (service web) has reached a steady state.
  why: 1 desired, at least 1 healthy and at most 2 in all: 1 stay (1 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:30:00Z
# In a deployment the old task stays as long as it is protected.
protect a2 2h
  nothing to do
  why: 1 desired, at least 1 healthy and at most 2 in all: 1 stay (1 healthy), 0 leave, 0 are stopping. The service is steady.
deploy
  start b1 on h1
  deployment b: PRIMARY, 1 of its tasks wanted, IN_PROGRESS, IN_PROGRESS
  event: (service web) has started 1 tasks: (task b1).
  why: 1 desired, at least 1 healthy and at most 2 in all: 0 stay (0 healthy), 1 leave, 0 are stopping.
go on
  ...
  deployment a: ACTIVE, 0 of its tasks wanted, COMPLETED, SUCCESSFUL
  event: (service web) was unable to scale in due to (reason 1 tasks under protection)
  why: 1 desired, at least 1 healthy and at most 2 in all: 1 stay (1 healthy), 1 leave, 0 are stopping. 1 tasks are protected from scale-in.
  again at 02:30:00Z
unprotect a2
  stop a2: Scaling activity initiated by (deployment a)
  event: (service web) has stopped 1 running tasks: (task a2).
  why: 1 desired, at least 1 healthy and at most 2 in all: 1 stay (1 healthy), 1 leave, 0 are stopping. Stops 1 healthy, those where there are most first.
go on
  ...
  deployment b: PRIMARY, 1 of its tasks wanted, COMPLETED, SUCCESSFUL
  deployment a is gone
  event: (service web) (deployment b) deployment completed.
  event: (service web) has reached a steady state.
  why: 1 desired, at least 1 healthy and at most 2 in all: 1 stay (1 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:30:00Z
