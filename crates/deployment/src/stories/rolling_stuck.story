2 hosts; web desired=1 min=100 max=150
deploy
  start a1 on h1
  deployment a: PRIMARY, 1 of its tasks wanted, IN_PROGRESS, IN_PROGRESS
  event: (service web) has started 1 tasks: (task a1).
  why: 1 desired, at least 1 healthy and at most 1 in all: 0 stay (0 healthy), 0 leave, 0 are stopping.
go on
  ...
  deployment a: PRIMARY, 1 of its tasks wanted, COMPLETED, SUCCESSFUL
  event: (service web) (deployment a) deployment completed.
  event: (service web) has reached a steady state.
  why: 1 desired, at least 1 healthy and at most 1 in all: 1 stay (1 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:00:00Z
# 150 percent of one task is one task, and one must stay healthy.
deploy
  deployment b: PRIMARY, 1 of its tasks wanted, IN_PROGRESS, IN_PROGRESS
  event: (service web) was unable to stop or start tasks during a deployment because of the service deployment configuration. Update the minimumHealthyPercent or maximumPercent value and try again.
  why: 1 desired, at least 1 healthy and at most 1 in all: 0 stay (0 healthy), 1 leave, 0 are stopping. 1 more wait for room under the ceiling of 1. No healthy task can be spared above the floor of 1. Stuck: no task may be stopped above the floor of 1, and none started under the ceiling of 1.
  again at 06:00:00Z
wait 6h
  event: (service web) was unable to stop or start tasks during a deployment because of the service deployment configuration. Update the minimumHealthyPercent or maximumPercent value and try again.
  why: 1 desired, at least 1 healthy and at most 1 in all: 0 stay (0 healthy), 1 leave, 0 are stopping. 1 more wait for room under the ceiling of 1. No healthy task can be spared above the floor of 1. Stuck: no task may be stopped above the floor of 1, and none started under the ceiling of 1.
  again at 12:00:00Z
# With more tasks there is a way.
desired 2
  start a2 on h2, b1 on h1
  deployment a: ACTIVE, 2 of its tasks wanted, COMPLETED, SUCCESSFUL
  deployment b: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS
  event: (service web) has started 1 tasks: (task a2).
  event: (service web) has started 1 tasks: (task b1).
  why: 2 desired, at least 2 healthy and at most 3 in all: 0 stay (0 healthy), 1 leave, 0 are stopping. 1 more wait for room under the ceiling of 3. No healthy task can be spared above the floor of 2.
go on
  ...
  stop a1: Scaling activity initiated by (deployment a)
  deployment a: ACTIVE, 1 of its tasks wanted, COMPLETED, SUCCESSFUL
  event: (service web) has stopped 1 running tasks: (task a1).
  why: 2 desired, at least 2 healthy and at most 3 in all: 1 stay (1 healthy), 2 leave, 0 are stopping. 1 more wait for room under the ceiling of 3. Stops 1 healthy, those where there are most first.
  ...
  start b2 on h1
  event: (service web) has started 1 tasks: (task b2).
  why: 2 desired, at least 2 healthy and at most 3 in all: 1 stay (1 healthy), 1 leave, 0 are stopping.
  ...
  stop a2: Scaling activity initiated by (deployment a)
  deployment a: ACTIVE, 0 of its tasks wanted, COMPLETED, SUCCESSFUL
  event: (service web) has stopped 1 running tasks: (task a2).
  why: 2 desired, at least 2 healthy and at most 3 in all: 2 stay (2 healthy), 1 leave, 0 are stopping. Stops 1 healthy, those where there are most first.
  ...
  deployment b: PRIMARY, 2 of its tasks wanted, COMPLETED, SUCCESSFUL
  deployment a is gone
  event: (service web) (deployment b) deployment completed.
  event: (service web) has reached a steady state.
  why: 2 desired, at least 2 healthy and at most 3 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 12:00:00Z
