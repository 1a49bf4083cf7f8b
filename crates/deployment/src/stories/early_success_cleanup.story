3 hosts; web desired=4 min=50 max=200 early=50/cleanup
deploy
  start a1 on h1, a2 on h2, a3 on h3, a4 on h1
  deployment a: PRIMARY, 4 of its tasks wanted, IN_PROGRESS, IN_PROGRESS
  event: (service web) has started 4 tasks: (task a1) (task a2) (task a3) (task a4).
  why: 4 desired, at least 2 healthy and at most 8 in all: 0 stay (0 healthy), 0 leave, 0 are stopping.
go on
  ...
  deployment a: PRIMARY, 4 of its tasks wanted, COMPLETED, SUCCESSFUL
  event: (service web) (deployment a) deployment completed.
  event: (service web) has reached a steady state.
  why: 4 desired, at least 2 healthy and at most 8 in all: 4 stay (4 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:00:00Z
deploy
  start b1 on h2, b2 on h3, b3 on h1, b4 on h2
  deployment b: PRIMARY, 4 of its tasks wanted, IN_PROGRESS, IN_PROGRESS
  event: (service web) has started 4 tasks: (task b1) (task b2) (task b3) (task b4).
  why: 4 desired, at least 2 healthy and at most 8 in all: 0 stay (0 healthy), 4 leave, 0 are stopping.
run b1
  stop a1: Scaling activity initiated by (deployment a)
  deployment a: ACTIVE, 3 of its tasks wanted, COMPLETED, SUCCESSFUL
  event: (service web) has stopped 1 running tasks: (task a1).
  why: 4 desired, at least 2 healthy and at most 8 in all: 4 stay (1 healthy), 4 leave, 0 are stopping. Stops 1 healthy, those where there are most first.
# Enough of the new tasks are healthy: the old ones go, and the deployment is over once they are gone.
run b2
  stop a2 a3 a4: Scaling activity initiated by (deployment a)
  deployment a: ACTIVE, 0 of its tasks wanted, COMPLETED, SUCCESSFUL
  event: (service web) has stopped 3 running tasks: (task a2) (task a3) (task a4).
  why: 4 desired, at least 2 healthy and at most 8 in all: 4 stay (2 healthy), 3 leave, 1 are stopping. Stops 3 healthy, those where there are most first.
gone
  deployment b: PRIMARY, 4 of its tasks wanted, COMPLETED, SUCCESSFUL
  deployment a is gone
  event: (service web) (deployment b) deployment completed.
  why: 4 desired, at least 2 healthy and at most 8 in all: 4 stay (2 healthy), 0 leave, 0 are stopping.
go on
  ...
  event: (service web) has reached a steady state.
  why: 4 desired, at least 2 healthy and at most 8 in all: 4 stay (4 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:00:00Z
