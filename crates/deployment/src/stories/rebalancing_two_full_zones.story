3 hosts in 3 zones; web desired=4 min=75 max=125 rebalancing
# Room for one task more at a time, and two zones that take none: both stay marked, and the service is at rest.
unfit h2
  why: No deployment is primary, so there is nothing to move to.
unfit h3
  nothing to do
  why: No deployment is primary, so there is nothing to move to.
deploy
  start a1 on h1, a2 on h1, a3 on h1, a4 on h1
  deployment a: PRIMARY, 4 of its tasks wanted, IN_PROGRESS, IN_PROGRESS
  event: (service web) has started 4 tasks: (task a1) (task a2) (task a3) (task a4).
  why: 4 desired, at least 3 healthy and at most 5 in all: 0 stay (0 healthy), 0 leave, 0 are stopping.
go on
  ...
  no place for 1
  deployment a: PRIMARY, 4 of its tasks wanted, COMPLETED, SUCCESSFUL
  event: (service web) (deployment a) deployment completed.
  event: (service web) is not AZ balanced with 4 tasks in zone-a, 0 tasks in zone-b, 0 tasks in zone-c. AZ Rebalancing in progress.
  why: 4 desired, at least 3 healthy and at most 5 in all: 4 stay (4 healthy), 0 leave, 0 are stopping. 1 tasks are to move from zone-a to zone-b.
  no place for 1
  why: 4 desired, at least 3 healthy and at most 5 in all: 4 stay (4 healthy), 0 leave, 0 are stopping. 1 tasks are to move from zone-a to zone-c.
  no place for 1
  event: (service web) is unable to place a task in zone-b, zone-c because no container instance met all of its requirements. Reason: RESOURCE:CPU. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.
  event: (service web) has reached a steady state.
  why: 4 desired, at least 3 healthy and at most 5 in all: 4 stay (4 healthy), 0 leave, 0 are stopping. zone-b, zone-c had no instance for 1 tasks that it lacks; it is tried again. The service is steady.
  again at 06:00:00Z
fit h3
  start a5 on h3
  event: (service web) has started 1 tasks in zone-b, zone-c to AZ Rebalance: (task a5).
  why: 4 desired, at least 3 healthy and at most 5 in all: 4 stay (4 healthy), 0 leave, 0 are stopping. zone-b, zone-c had no instance for 1 tasks that it lacks; it is tried again. The service is steady.
  again at 06:00:00Z
  why: 4 desired, at least 3 healthy and at most 5 in all: 5 stay (4 healthy), 0 leave, 0 are stopping.
go on
  ...
  stop a1: Scaling activity initiated by (deployment a)
  event: (service web) has stopped 1 running tasks in zone-a due to AZ rebalancing: (task a1).
  why: 4 desired, at least 3 healthy and at most 5 in all: 5 stay (5 healthy), 0 leave, 0 are stopping. Stops 1 healthy, those where there are most first.
  ...
  no place for 1
  why: 4 desired, at least 3 healthy and at most 5 in all: 4 stay (4 healthy), 0 leave, 0 are stopping. 1 tasks are to move from zone-a to zone-b.
  start a6 on h3
  event: (service web) has started 1 tasks in zone-c to AZ Rebalance: (task a6).
  why: 4 desired, at least 3 healthy and at most 5 in all: 4 stay (4 healthy), 0 leave, 0 are stopping. 1 tasks are to move from zone-a to zone-c.
  ...
  stop a2: Scaling activity initiated by (deployment a)
  event: (service web) has stopped 1 running tasks in zone-a due to AZ rebalancing: (task a2).
  why: 4 desired, at least 3 healthy and at most 5 in all: 5 stay (5 healthy), 0 leave, 0 are stopping. Stops 1 healthy, those where there are most first.
  ...
  no place for 1
  why: 4 desired, at least 3 healthy and at most 5 in all: 4 stay (4 healthy), 0 leave, 0 are stopping. 1 tasks are to move from zone-a to zone-b.
  no place for 1
  event: (service web) is unable to place a task in zone-b because no container instance met all of its requirements. Reason: RESOURCE:CPU. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.
  event: (service web) has reached a steady state.
  why: 4 desired, at least 3 healthy and at most 5 in all: 4 stay (4 healthy), 0 leave, 0 are stopping. zone-b had no instance for 1 tasks that it lacks; it is tried again. The service is steady.
  again at 06:00:00Z
