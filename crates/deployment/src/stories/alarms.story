3 hosts; web desired=2 alarms=rollback bake=5m
deploy
  start a1 on h1, a2 on h2
  deployment a: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS
  event: (service web) has started 2 tasks: (task a1) (task a2).
  why: 2 desired, at least 2 healthy and at most 4 in all: 0 stay (0 healthy), 0 leave, 0 are stopping.
run
  event: (service web) has reached a steady state.
  why: 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. All there; watched until 00:05:00Z. The service is steady.
  again at 00:05:00Z
alarm quiet
  nothing to do
  why: 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. All there; watched until 00:05:00Z. The service is steady.
wait 5m
  deployment a: PRIMARY, 2 of its tasks wanted, COMPLETED, SUCCESSFUL
  event: (service web) (deployment a) deployment completed.
  why: 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:00:00Z
deploy
  start b1 on h3, b2 on h1
  deployment b: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS
  event: (service web) has started 2 tasks: (task b1) (task b2).
  why: 2 desired, at least 2 healthy and at most 4 in all: 0 stay (0 healthy), 2 leave, 0 are stopping.
run
  stop a1 a2: Scaling activity initiated by (deployment a)
  deployment a: ACTIVE, 0 of its tasks wanted, COMPLETED, SUCCESSFUL
  event: (service web) has stopped 2 running tasks: (task a1) (task a2).
  why: 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 2 leave, 0 are stopping. Stops 2 healthy, those where there are most first.
gone
  event: (service web) has reached a steady state.
  why: 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. All there; watched until 00:10:00Z. The service is steady.
  again at 00:10:00Z
# All there, and still watched.
wait 4m
  nothing to do
  why: 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. All there; watched until 00:10:00Z. The service is steady.
alarm firing
  start a3 on h2, a4 on h1
  deployment a: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, SUCCESSFUL
  deployment b: ACTIVE, 2 of its tasks wanted, FAILED, ROLLBACK_IN_PROGRESS
  event: (service web) has started 2 tasks: (task a3) (task a4).
  event: (service web) (deployment b) deployment failed: alarm detected.
  event: (service web) rolling back to deployment a.
  why: Deployment b has failed; the service goes back to a. 2 desired, at least 2 healthy and at most 4 in all: 0 stay (0 healthy), 2 leave, 0 are stopping.
go on
  ...
  stop b2 b1: Scaling activity initiated by (deployment b)
  deployment b: ACTIVE, 0 of its tasks wanted, FAILED, ROLLBACK_IN_PROGRESS
  event: (service web) has stopped 2 running tasks: (task b2) (task b1).
  why: 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 2 leave, 0 are stopping. Stops 2 healthy, those where there are most first.
  ...
  deployment a: PRIMARY, 2 of its tasks wanted, COMPLETED, SUCCESSFUL
  deployment b: ACTIVE, 0 of its tasks wanted, FAILED, ROLLBACK_SUCCESSFUL
  deployment b is gone
  event: (service web) (deployment a) deployment completed.
  event: (service web) has reached a steady state.
  why: 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:09:00Z
alarm quiet
  nothing to do
  why: 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. The service is steady.
go on
wait 5m
  nothing to do
  why: 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. The service is steady.
